package io.paxos.testkit.contract.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.spi.AcceptorLog;
import io.paxos.testkit.contract.BrokenPromise;
import io.paxos.testkit.contract.Contracts;
import io.paxos.testkit.memory.ForwardingLog;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract proves itself: each log that breaks a promise fails it, by the name of that promise. */
class AcceptorLogContractTest {
    static List<Arguments> broken() {
        return List.of(
                Arguments.of(ForgetsPromise.class, LogPromises.PROMISE),
                Arguments.of(ForgetsSlotPromise.class, LogPromises.SLOT_PROMISE),
                Arguments.of(TruncatesValue.class, LogPromises.VALUE),
                Arguments.of(ServesOlderValue.class, LogPromises.VALUE),
                Arguments.of(SharesBuffer.class, LogPromises.VALUE),
                Arguments.of(IgnoresOffset.class, LogPromises.VALUE),
                Arguments.of(DurableBeforeSync.class, LogPromises.DURABLE_EARLY),
                Arguments.of(DurableFalls.class, LogPromises.DURABLE_FALLS),
                Arguments.of(DurableAheadOfAppended.class, LogPromises.DURABLE_APPENDED),
                Arguments.of(NeverDurable.class, LogPromises.SYNC),
                Arguments.of(NeverWakes.class, LogPromises.WAKEUP),
                Arguments.of(LiesAboutTheDisk.class, LogPromises.AFTER_CRASH),
                Arguments.of(RepeatsIncarnation.class, LogPromises.INCARNATION),
                Arguments.of(ForgetsChosenThrough.class, LogPromises.CHOSEN_THROUGH),
                Arguments.of(TakesTooLong.class, LogPromises.TOO_LONG),
                Arguments.of(RefusesTooLate.class, LogPromises.TOO_LONG),
                Arguments.of(InventsValues.class, LogPromises.NOTHING_THERE),
                Arguments.of(GoesOnWhenClosed.class, LogPromises.CLOSED));
    }

    @ParameterizedTest
    @MethodSource("broken")
    void a_log_that_breaks_a_promise_fails_by_its_name(final Class<?> contract, final String promise) {
        final Contracts.Outcome outcome = Contracts.run(contract);

        assertThat(outcome.brokenPromises()).contains(promise);
        assertThat(outcome.failures())
                .filteredOn(BrokenPromise.class::isInstance)
                .allSatisfy(failure -> assertThat(failure).hasMessageStartingWith("broken promise: "));
    }

    static class ForgetsPromise extends MemoryLogContractTest {
        @Override
        AcceptorLog broken(final AcceptorLog intact) {
            return new ForwardingLog(intact) {
                private boolean knows; // only what was promised since it was opened

                @Override
                public void promise(final long ballot) {
                    super.promise(ballot);
                    knows = true;
                }

                @Override
                public long promised() {
                    return knows ? super.promised() : 0;
                }
            };
        }
    }

    static class ForgetsSlotPromise extends MemoryLogContractTest {
        @Override
        AcceptorLog broken(final AcceptorLog intact) {
            return new ForwardingLog(intact) {
                @Override
                public long promised(final long slot) {
                    return Math.max(promised(), acceptedBallot(slot));
                }
            };
        }
    }

    static class TruncatesValue extends MemoryLogContractTest {
        @Override
        AcceptorLog broken(final AcceptorLog intact) {
            return new ForwardingLog(intact) {
                @Override
                public ReadResult read(final long slot, final ValueReader reader) {
                    return super.read(
                            slot,
                            (at, ballot, buffer, offset, length) ->
                                    reader.value(at, ballot, buffer, offset, Math.min(length, 255)));
                }
            };
        }
    }

    static class ServesOlderValue extends MemoryLogContractTest {
        @Override
        AcceptorLog broken(final AcceptorLog intact) {
            return new ForwardingLog(intact) {
                private final Map<Long, byte[]> cache = new HashMap<>(); // never updated

                @Override
                public ReadResult read(final long slot, final ValueReader reader) {
                    return super.read(slot, (at, ballot, buffer, offset, length) -> {
                        final byte[] value = cache.computeIfAbsent(slot, key -> {
                            final byte[] copy = new byte[length];
                            buffer.getBytes(offset, copy);
                            return copy;
                        });
                        reader.value(at, ballot, new UnsafeBuffer(value), 0, value.length);
                    });
                }
            };
        }
    }

    static class SharesBuffer extends MemoryLogContractTest {
        @Override
        AcceptorLog broken(final AcceptorLog intact) {
            return new ForwardingLog(intact) {
                private final Map<Long, UnsafeBuffer> values = new HashMap<>(); // views of the caller's bytes

                @Override
                public void accept(
                        final long ballot,
                        final long slot,
                        final long chosenThrough,
                        final DirectBuffer value,
                        final int offset,
                        final int length) {
                    super.accept(ballot, slot, chosenThrough, value, offset, length);
                    values.put(slot, new UnsafeBuffer(value, offset, length));
                }

                @Override
                public ReadResult read(final long slot, final ValueReader reader) {
                    final UnsafeBuffer value = values.get(slot);
                    if (value == null) {
                        return super.read(slot, reader);
                    }
                    reader.value(slot, acceptedBallot(slot), value, 0, value.capacity());
                    return ReadResult.FOUND;
                }
            };
        }
    }

    static class IgnoresOffset extends MemoryLogContractTest {
        @Override
        AcceptorLog broken(final AcceptorLog intact) {
            return new ForwardingLog(intact) {
                @Override
                public void accept(
                        final long ballot,
                        final long slot,
                        final long chosenThrough,
                        final DirectBuffer value,
                        final int offset,
                        final int length) {
                    super.accept(ballot, slot, chosenThrough, value, 0, length);
                }
            };
        }
    }

    static class DurableBeforeSync extends MemoryLogContractTest {
        @Override
        AcceptorLog broken(final AcceptorLog intact) {
            return new ForwardingLog(intact) {
                @Override
                public long durablePosition() {
                    return appendedPosition();
                }
            };
        }
    }

    static class DurableFalls extends MemoryLogContractTest {
        @Override
        AcceptorLog broken(final AcceptorLog intact) {
            return new ForwardingLog(intact) {
                @Override
                public long durablePosition() { // as if each force began anew
                    return super.durablePosition() == appendedPosition() ? appendedPosition() : 0;
                }
            };
        }
    }

    static class DurableAheadOfAppended extends MemoryLogContractTest {
        @Override
        AcceptorLog broken(final AcceptorLog intact) {
            return new ForwardingLog(intact) {
                @Override
                public long durablePosition() {
                    return super.durablePosition() + 1;
                }
            };
        }
    }

    static class NeverDurable extends MemoryLogContractTest {
        @Override
        AcceptorLog broken(final AcceptorLog intact) {
            return new ForwardingLog(intact) {
                @Override
                public int sync() {
                    return 0;
                }
            };
        }

        @Override
        protected long syncTimeoutNs() {
            return TimeUnit.MILLISECONDS.toNanos(10);
        }
    }

    static class NeverWakes extends MemoryLogContractTest {
        @Override
        AcceptorLog broken(final AcceptorLog intact) {
            return new ForwardingLog(intact) {
                private long durable = intact.durablePosition();

                @Override
                public long durablePosition() { // moves by itself, without a call
                    final long before = durable;
                    durable = super.durablePosition();
                    return before;
                }
            };
        }

        @Override
        protected long syncTimeoutNs() {
            return TimeUnit.MILLISECONDS.toNanos(10);
        }
    }

    static class LiesAboutTheDisk extends MemoryLogContractTest {
        @Override
        AcceptorLog broken(final AcceptorLog intact) {
            return new ForwardingLog(intact) {
                private long synced = intact.durablePosition();

                @Override
                public int sync() { // and forgets to force
                    synced = appendedPosition();
                    return 1;
                }

                @Override
                public long durablePosition() {
                    return synced;
                }
            };
        }
    }

    static class RepeatsIncarnation extends MemoryLogContractTest {
        @Override
        AcceptorLog broken(final AcceptorLog intact) {
            return new ForwardingLog(intact) {
                @Override
                public int incarnation() { // counts only what wrote something
                    return 1 + (int) Math.min(1, appendedPosition());
                }
            };
        }
    }

    static class ForgetsChosenThrough extends MemoryLogContractTest {
        @Override
        AcceptorLog broken(final AcceptorLog intact) {
            final long before = intact.chosenThrough();
            return new ForwardingLog(intact) {
                @Override
                public long chosenThrough() {
                    return super.chosenThrough() == before ? 0 : super.chosenThrough();
                }
            };
        }
    }

    static class TakesTooLong extends MemoryLogContractTest {
        @Override
        AcceptorLog broken(final AcceptorLog intact) {
            return new ForwardingLog(intact) {
                @Override
                public int valueLengthMax() {
                    return super.valueLengthMax() / 2;
                }
            };
        }
    }

    static class RefusesTooLate extends MemoryLogContractTest {
        @Override
        AcceptorLog broken(final AcceptorLog intact) {
            return new ForwardingLog(intact) {
                @Override
                public void accept(
                        final long ballot,
                        final long slot,
                        final long chosenThrough,
                        final DirectBuffer value,
                        final int offset,
                        final int length) {
                    if (ballot > promised(slot)) {
                        promise(ballot, slot);
                    }
                    super.accept(ballot, slot, chosenThrough, value, offset, length);
                }
            };
        }
    }

    static class InventsValues extends MemoryLogContractTest {
        @Override
        AcceptorLog broken(final AcceptorLog intact) {
            return new ForwardingLog(intact) {
                @Override
                public ReadResult read(final long slot, final ValueReader reader) {
                    final ReadResult result = super.read(slot, reader);
                    final boolean isGap = result == ReadResult.ABSENT && slot < lastSlot();
                    return isGap ? ReadResult.FOUND : result; // a gap reads as an empty value
                }
            };
        }
    }

    static class GoesOnWhenClosed extends MemoryLogContractTest {
        @Override
        AcceptorLog broken(final AcceptorLog intact) {
            return new ForwardingLog(intact) {
                private boolean isClosed;

                @Override
                public int sync() {
                    return isClosed ? 0 : super.sync();
                }

                @Override
                public void close() {
                    isClosed = true;
                    super.close();
                }
            };
        }
    }
}
