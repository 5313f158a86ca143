package io.paxos.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract proves itself: each state machine that breaks a promise fails it, by the name of that promise. */
class StateMachineContractTest {
    static List<Arguments> broken() {
        return List.of(
                Arguments.of(IdentityHash.class, MachinePromises.SAME_REPLIES),
                Arguments.of(SharedState.class, MachinePromises.SAME_REPLIES),
                Arguments.of(UnequalAnswers.class, MachinePromises.SAME_ANSWERS),
                Arguments.of(QueryChanges.class, MachinePromises.QUERIES_CHANGE_NOTHING),
                Arguments.of(ThrowsOnJunk.class, MachinePromises.NEVER_THROWS),
                Arguments.of(KeepsView.class, MachinePromises.BYTES_ALONE),
                Arguments.of(ReadsBeyond.class, MachinePromises.BYTES_ALONE),
                Arguments.of(WritesToCommand.class, MachinePromises.BYTES_ALONE),
                Arguments.of(LeavesReplyUnwritten.class, MachinePromises.REPLY_BUFFER),
                Arguments.of(WritesBeyondReply.class, MachinePromises.REPLY_BUFFER),
                Arguments.of(KeepsReplyBuffer.class, MachinePromises.REPLY_BUFFER),
                Arguments.of(WallClock.class, MachinePromises.NO_WALL_CLOCK),
                Arguments.of(ClusterTime.class, MachinePromises.NO_CLUSTER_TIME));
    }

    @ParameterizedTest
    @MethodSource("broken")
    void a_state_machine_that_breaks_a_promise_fails_by_its_name(final Class<?> contract, final String promise) {
        final Contracts.Outcome outcome = Contracts.run(contract);

        assertThat(outcome.brokenPromises()).contains(promise);
    }

    @Test
    void a_state_machine_that_keeps_its_promises_passes() {
        assertThat(Contracts.run(Intact.class).failures()).isEmpty();
        assertThat(Contracts.run(Intact.class).run()).isEqualTo(6);
    }

    @Test
    void one_that_declares_it_may_use_the_time_of_commands() {
        assertThat(Contracts.run(DeclaredClusterTime.class).failures()).isEmpty();
    }

    static class Intact extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new MapMachine();
        }
    }

    /** Replies with the iteration order of a set of objects that have no hash of their own. */
    static class IdentityHash extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new MapMachine() {
                private final Set<Object> objects = new HashSet<>();
                private Object first = new Object();

                @Override
                public void apply(final Command command, final Reply reply) {
                    objects.add(new Object());
                    first = objects.size() == 1 ? objects.iterator().next() : first;
                    int place = 0;
                    for (final Object object : objects) {
                        place++;
                        if (object.equals(first)) {
                            reply.put(new byte[] {(byte) place});
                        }
                    }
                }
            };
        }
    }

    static class SharedState extends MapMachine.Contract {
        private int commands; // of all instances

        @Override
        protected StateMachine create() {
            return new MapMachine() {
                @Override
                public void apply(final Command command, final Reply reply) {
                    commands++;
                    reply.put(new byte[] {(byte) commands});
                }
            };
        }
    }

    static class UnequalAnswers extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new MapMachine() {
                @Override
                public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {
                    reply.put(
                            new byte[] {(byte) Thread.currentThread().getName().length()});
                }
            };
        }
    }

    static class QueryChanges extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new MapMachine() {
                @Override
                public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {
                    super.query(query, offset, length, reply);
                    if (length == 1) {
                        map.putIfAbsent(query.getByte(offset), (byte) 0);
                    }
                }
            };
        }
    }

    static class ThrowsOnJunk extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new MapMachine() {
                @Override
                public void apply(final Command command, final Reply reply) {
                    if (command.length() != 2) {
                        throw new IllegalArgumentException("a command has two bytes");
                    }
                    super.apply(command, reply);
                }
            };
        }
    }

    static class KeepsView extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new MapMachine() {
                private final UnsafeBuffer last = new UnsafeBuffer(new byte[2]);

                @Override
                public void apply(final Command command, final Reply reply) {
                    reply.put(last, 0, last.capacity());
                    last.wrap(command.buffer(), command.offset(), command.length());
                }
            };
        }
    }

    static class ReadsBeyond extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new MapMachine() {
                @Override
                public void apply(final Command command, final Reply reply) { // takes the buffer to be the command
                    reply.put(command.buffer(), 0, Math.min(2, command.buffer().capacity()));
                }
            };
        }
    }

    static class WritesToCommand extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new MapMachine() {
                @Override
                public void apply(final Command command, final Reply reply) {
                    if (command.length() > 0) {
                        ((MutableDirectBuffer) command.buffer()).putByte(command.offset(), (byte) 9);
                    }
                }
            };
        }
    }

    static class LeavesReplyUnwritten extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new MapMachine() {
                @Override
                public void apply(final Command command, final Reply reply) {
                    reply.reserve(4).putShort(0, (short) command.length()); // takes the rest to be zero
                }
            };
        }
    }

    static class WritesBeyondReply extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new MapMachine() {
                @Override
                public void apply(final Command command, final Reply reply) {
                    reply.reserve(2).putInt(0, command.length());
                }
            };
        }
    }

    static class KeepsReplyBuffer extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new MapMachine() {
                private MutableDirectBuffer last = new UnsafeBuffer(new byte[1]);

                @Override
                public void apply(final Command command, final Reply reply) {
                    last.putByte(0, (byte) (last.getByte(0) + 1)); // a late addition
                    last = reply.reserve(1);
                    last.putByte(0, (byte) command.length());
                }
            };
        }
    }

    static class WallClock extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new MapMachine() {
                @Override
                public void apply(final Command command, final Reply reply) {
                    reply.put(Long.toString(System.currentTimeMillis()).getBytes(StandardCharsets.US_ASCII));
                }
            };
        }
    }

    static class ClusterTime extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new MapMachine() {
                @Override
                public void apply(final Command command, final Reply reply) {
                    reply.reserve(Long.BYTES).putLong(0, command.timeMs());
                }
            };
        }
    }

    static class DeclaredClusterTime extends ClusterTime {
        @Override
        protected boolean usesClusterTime() {
            return true;
        }
    }
}
