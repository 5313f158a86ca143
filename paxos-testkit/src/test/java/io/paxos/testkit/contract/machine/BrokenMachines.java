package io.paxos.testkit.contract.machine;

import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** State machines that break one promise each within one JVM, as contracts of their own. */
final class BrokenMachines {
    private BrokenMachines() {}

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

    /** Reads the clock in one of about 1,000 commands. */
    static class RareClock extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new MapMachine() {
                @Override
                public void apply(final Command command, final Reply reply) {
                    super.apply(command, reply);
                    if (command.slot() % 1_009 == 0) {
                        reply.put(Long.toString(System.currentTimeMillis()).getBytes(StandardCharsets.US_ASCII));
                    }
                }
            };
        }
    }

    /** Replies with the time in seconds: two runs within one second are alike. */
    static class ClockOfSeconds extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new MapMachine() {
                @Override
                public void apply(final Command command, final Reply reply) {
                    reply.put(Long.toString(System.currentTimeMillis() / 1_000).getBytes(StandardCharsets.US_ASCII));
                }
            };
        }
    }

    /** Replies at random after 300 commands. */
    static class After300 extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new MapMachine() {
                private int commands;

                @Override
                public void apply(final Command command, final Reply reply) {
                    super.apply(command, reply);
                    if (++commands > 300) {
                        reply.put(UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII));
                    }
                }
            };
        }
    }

    /** Keeps a random identifier that no query shows. A reply shows it after the same key has been put 60 times. */
    static class HiddenIdentifier extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new MapMachine() {
                private final UUID identifier = UUID.randomUUID();
                private final int[] puts = new int[256];

                @Override
                public void apply(final Command command, final Reply reply) {
                    super.apply(command, reply);
                    if (command.length() > 0 && ++puts[command.buffer().getByte(command.offset()) & 0xFF] == 60) {
                        reply.put(identifier.toString().getBytes(StandardCharsets.US_ASCII));
                    }
                }
            };
        }
    }
}
