package io.paxos.testkit.contract.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.spi.SnapshotStore;
import io.paxos.testkit.contract.Contracts;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract proves itself: each store that breaks a promise fails it, by the name of that promise. */
class SnapshotStoreContractTest {
    static List<Arguments> broken() {
        return List.of(
                Arguments.of(ForgetsTheNewest.class, StorePromises.NEWEST_TWO),
                Arguments.of(KeepsOne.class, StorePromises.NEWEST_TWO),
                Arguments.of(DeletesWhatIsOpen.class, StorePromises.OPEN_STAYS),
                Arguments.of(ExistsBeforeItIsDurable.class, StorePromises.NOT_BEFORE),
                Arguments.of(NeverDurable.class, StorePromises.WAKEUP),
                Arguments.of(GivesOutDamage.class, StorePromises.DAMAGE),
                Arguments.of(IgnoresSeek.class, StorePromises.SEEK),
                Arguments.of(SharesBuffers.class, StorePromises.BYTES),
                Arguments.of(OneIdForAll.class, StorePromises.ID),
                Arguments.of(OwnIdForReceived.class, StorePromises.RECEIVED_ID),
                Arguments.of(ResumesAnotherId.class, StorePromises.OTHER),
                Arguments.of(ResumesTooFar.class, StorePromises.RESUMED),
                Arguments.of(NeverResumes.class, StorePromises.KEPT),
                Arguments.of(TakesOlderSlots.class, StorePromises.ABOVE),
                Arguments.of(TakesTwo.class, StorePromises.ONE),
                Arguments.of(KeepsWhatWasGivenUp.class, StorePromises.ABANDONED));
    }

    @ParameterizedTest
    @MethodSource("broken")
    void a_store_that_breaks_a_promise_fails_by_its_name(final Class<?> contract, final String promise) {
        assertThat(Contracts.run(contract).brokenPromises()).contains(promise);
    }

    static class ForgetsTheNewest extends MemorySnapshotsContractTest {
        @Override
        SnapshotStore broken(final SnapshotStore intact) {
            final long[] before = intact.slots(); // at this opening
            return new ForwardingSnapshots(intact) {
                @Override
                public long[] slots() {
                    return Arrays.equals(before, super.slots()) && before.length > 0
                            ? Arrays.copyOfRange(before, 1, before.length)
                            : super.slots();
                }
            };
        }
    }

    static class KeepsOne extends MemorySnapshotsContractTest {
        @Override
        SnapshotStore broken(final SnapshotStore intact) {
            return new ForwardingSnapshots(intact) {
                @Override
                public long[] slots() {
                    return Arrays.copyOf(super.slots(), Math.min(1, super.slots().length));
                }
            };
        }
    }

    static class DeletesWhatIsOpen extends MemorySnapshotsContractTest {
        @Override
        SnapshotStore broken(final SnapshotStore intact) {
            return new ForwardingSnapshots(intact) {
                @Override
                public long[] slots() {
                    return Arrays.copyOf(super.slots(), Math.min(2, super.slots().length));
                }
            };
        }
    }

    static class ExistsBeforeItIsDurable extends MemorySnapshotsContractTest {
        @Override
        SnapshotStore broken(final SnapshotStore intact) {
            return new ForwardingSnapshots(intact) {
                private long begun; // the slot of the last one; 0 before the first

                @Override
                public Output begin(final long slot, final Runnable wakeup) {
                    final Output output = super.begin(slot, wakeup);
                    begun = slot;
                    return output;
                }

                @Override
                public long[] slots() {
                    final boolean isComplete = Arrays.stream(super.slots()).anyMatch(slot -> slot == begun);
                    return begun == 0 || isComplete ? super.slots() : new long[] {begun};
                }
            };
        }
    }

    static class NeverDurable extends MemorySnapshotsContractTest {
        @Override
        SnapshotStore broken(final SnapshotStore intact) {
            return new ForwardingSnapshots(intact) {
                @Override
                public Output begin(final long slot, final Runnable wakeup) {
                    return new ForwardingOutput(super.begin(slot, wakeup)) {
                        @Override
                        public void finish() {
                            // and that is all
                        }
                    };
                }
            };
        }

        @Override
        protected long timeoutNs() {
            return TimeUnit.MILLISECONDS.toNanos(10);
        }
    }

    static class GivesOutDamage extends MemorySnapshotsContractTest {
        @Override
        SnapshotStore broken(final SnapshotStore intact) {
            return new ForwardingSnapshots(intact) {
                @Override
                public Input open(final long slot) {
                    return new ForwardingInput(super.open(slot)) {
                        private long position;

                        @Override
                        public int read(final MutableDirectBuffer buffer, final int offset, final int length) {
                            final long before = position;
                            try {
                                final int read = super.read(buffer, offset, length);
                                position += Math.max(0, read);
                                return read;
                            } catch (final IllegalStateException e) { // "one byte does not matter"
                                buffer.setMemory(offset, 1, (byte) 0);
                                seek(before + 1);
                                return 1;
                            }
                        }

                        @Override
                        public void seek(final long newPosition) {
                            super.seek(newPosition);
                            position = newPosition;
                        }
                    };
                }
            };
        }
    }

    static class IgnoresSeek extends MemorySnapshotsContractTest {
        @Override
        SnapshotStore broken(final SnapshotStore intact) {
            return new ForwardingSnapshots(intact) {
                @Override
                public Input open(final long slot) {
                    return new ForwardingInput(super.open(slot)) {
                        @Override
                        public void seek(final long position) {
                            super.seek(position / 64 * 64);
                        }
                    };
                }
            };
        }
    }

    static class SharesBuffers extends MemorySnapshotsContractTest {
        @Override
        SnapshotStore broken(final SnapshotStore intact) {
            return new ForwardingSnapshots(intact) {
                @Override
                public Output begin(final long slot, final Runnable wakeup) {
                    return new ForwardingOutput(super.begin(slot, wakeup)) {
                        private DirectBuffer last; // not copied yet; null if nothing is held back
                        private int lastOffset;
                        private int lastLength;

                        @Override
                        public void write(final DirectBuffer buffer, final int offset, final int length) {
                            flush();
                            last = buffer;
                            lastOffset = offset;
                            lastLength = length;
                        }

                        @Override
                        public long length() {
                            return super.length() + (last == null ? 0 : lastLength);
                        }

                        @Override
                        public void finish() {
                            flush();
                            super.finish();
                        }

                        private void flush() {
                            if (last != null) {
                                super.write(last, lastOffset, lastLength);
                                last = null;
                            }
                        }
                    };
                }
            };
        }
    }

    static class OneIdForAll extends MemorySnapshotsContractTest {
        @Override
        SnapshotStore broken(final SnapshotStore intact) {
            return new ForwardingSnapshots(intact) {
                @Override
                public Input open(final long slot) {
                    return new ForwardingInput(super.open(slot)) {
                        @Override
                        public long id() {
                            return 1;
                        }
                    };
                }
            };
        }
    }

    static class OwnIdForReceived extends MemorySnapshotsContractTest {
        @Override
        SnapshotStore broken(final SnapshotStore intact) {
            return new ForwardingSnapshots(intact) {
                @Override
                public Input open(final long slot) {
                    return new ForwardingInput(super.open(slot)) {
                        @Override
                        public long id() {
                            return super.id() + 1;
                        }
                    };
                }
            };
        }
    }

    /** The planted bug "chunk of another snapshot accepted". */
    static class ResumesAnotherId extends MemorySnapshotsContractTest {
        @Override
        SnapshotStore broken(final SnapshotStore intact) {
            return new ForwardingSnapshots(intact) {
                private long named; // the id of the last receive; 0 before the first

                @Override
                public Output receive(final long slot, final long id, final Runnable wakeup) {
                    named = id;
                    return super.receive(slot, 1, wakeup); // the slot is enough
                }

                @Override
                public long unfinishedId() {
                    return super.unfinishedId() == 0 || named == 0 ? super.unfinishedId() : named;
                }

                @Override
                public Input open(final long slot) {
                    return new ForwardingInput(super.open(slot)) {
                        @Override
                        public long id() {
                            return named;
                        }
                    };
                }
            };
        }
    }

    static class ResumesTooFar extends MemorySnapshotsContractTest {
        @Override
        SnapshotStore broken(final SnapshotStore intact) {
            return new ForwardingSnapshots(intact) {
                @Override
                public Output receive(final long slot, final long id, final Runnable wakeup) {
                    final Output output = super.receive(slot, id, wakeup);
                    if (output.length() > 0) {
                        output.write(new UnsafeBuffer(new byte[1]), 0, 1); // a chunk that was never checked
                    }
                    return output;
                }
            };
        }
    }

    static class NeverResumes extends MemorySnapshotsContractTest {
        @Override
        SnapshotStore broken(final SnapshotStore intact) {
            return new ForwardingSnapshots(intact) {
                @Override
                public Output receive(final long slot, final long id, final Runnable wakeup) {
                    super.receive(slot, id + 1, wakeup).abandon();
                    return super.receive(slot, id, wakeup);
                }
            };
        }
    }

    static class TakesOlderSlots extends MemorySnapshotsContractTest {
        @Override
        SnapshotStore broken(final SnapshotStore intact) {
            return new ForwardingSnapshots(intact) {
                @Override
                public Output receive(final long slot, final long id, final Runnable wakeup) {
                    final long newest = slots().length == 0 ? 0 : slots()[0];
                    return super.receive(Math.max(slot, newest + 1), id, wakeup);
                }
            };
        }
    }

    static class TakesTwo extends MemorySnapshotsContractTest {
        @Override
        SnapshotStore broken(final SnapshotStore intact) {
            return new ForwardingSnapshots(intact) {
                private Output last; // null before the first

                @Override
                public Output begin(final long slot, final Runnable wakeup) {
                    if (last != null) {
                        last.abandon();
                    }
                    last = super.begin(slot, wakeup);
                    return last;
                }

                @Override
                public Output receive(final long slot, final long id, final Runnable wakeup) {
                    if (last != null) {
                        last.abandon();
                    }
                    last = super.receive(slot, id, wakeup);
                    return last;
                }
            };
        }
    }

    static class KeepsWhatWasGivenUp extends MemorySnapshotsContractTest {
        @Override
        SnapshotStore broken(final SnapshotStore intact) {
            return new ForwardingSnapshots(intact) {
                @Override
                public Output begin(final long slot, final Runnable wakeup) {
                    return new ForwardingOutput(super.begin(slot, wakeup)) {
                        @Override
                        public void abandon() {
                            super.finish();
                        }
                    };
                }
            };
        }
    }
}
