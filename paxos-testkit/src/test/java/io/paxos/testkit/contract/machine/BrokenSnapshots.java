package io.paxos.testkit.contract.machine;

import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.SnapshotSink;
import io.paxos.statemachine.SnapshotSource;
import io.paxos.statemachine.SnapshotWriter;
import io.paxos.statemachine.StateMachine;
import java.util.Map;
import java.util.TreeMap;

/** State machines that keep all promises but one about snapshots, as contracts of their own. */
final class BrokenSnapshots {
    private BrokenSnapshots() {}

    /** Leaves out the counter. */
    static class MissesPart extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new SnapshottingMachine() {
                @Override
                public SnapshotWriter writeSnapshot() {
                    return new Writer(new TreeMap<>(map), 0);
                }
            };
        }
    }

    /** Leaves out the last key when there are five. */
    static class MissesLastKey extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new SnapshottingMachine() {
                @Override
                public SnapshotWriter writeSnapshot() {
                    final Map<Byte, Byte> written = new TreeMap<>(map);
                    if (written.size() == 5) {
                        written.remove((byte) 4);
                    }
                    return new Writer(written, commands);
                }
            };
        }
    }

    /** Never says that a snapshot is complete. */
    static class NeverEnds extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new SnapshottingMachine() {
                @Override
                public SnapshotWriter writeSnapshot() {
                    return sink -> true;
                }
            };
        }
    }

    /** Copies its state when the first slice is written, and not when the snapshot begins. */
    static class SeesLaterCommands extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new SnapshottingMachine() {
                @Override
                public SnapshotWriter writeSnapshot() {
                    return new SnapshotWriter() {
                        private Writer copy;

                        @Override
                        public boolean writeSlice(final SnapshotSink sink) {
                            copy = copy == null ? new Writer(new TreeMap<>(map), commands) : copy;
                            return copy.writeSlice(sink);
                        }
                    };
                }
            };
        }
    }

    /** Takes the values from the map that commands change. */
    static class SeesLaterValues extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new SnapshottingMachine() {
                @Override
                public SnapshotWriter writeSnapshot() {
                    final Map<Byte, Byte> written = new TreeMap<>(map);
                    final Writer writer = new Writer(written, commands);
                    return sink -> {
                        written.replaceAll((key, value) -> map.get(key));
                        return writer.writeSlice(sink);
                    };
                }
            };
        }
    }

    /** Does not count the commands that are applied while a snapshot is written. */
    static class ChangesCommands extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new SnapshottingMachine() {
                private boolean isWriting;

                @Override
                public void apply(final Command command, final Reply reply) {
                    super.apply(command, reply);
                    commands -= isWriting ? 1 : 0;
                }

                @Override
                public SnapshotWriter writeSnapshot() {
                    isWriting = true;
                    return new Writer(new TreeMap<>(map), commands) {
                        @Override
                        public void close() {
                            isWriting = false;
                        }
                    };
                }
            };
        }
    }

    /** Adds the keys of a snapshot to those that it has. */
    static class Merges extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new SnapshottingMachine() {
                @Override
                public void readSnapshot(final SnapshotSource source) {
                    commands = source.readInt();
                    readMap(source);
                }
            };
        }
    }

    /** Replaces its state once, and adds to it when it reads another snapshot after a damaged one. */
    static class MergesAfterDamage extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new SnapshottingMachine() {
                private boolean hasRead;

                @Override
                public void readSnapshot(final SnapshotSource source) {
                    if (!hasRead) {
                        map.clear();
                    }
                    hasRead = true;
                    commands = source.readInt();
                    readMap(source);
                }
            };
        }
    }

    /** Writes only what has changed since it has read a snapshot. */
    static class WritesWhatIsNew extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new SnapshottingMachine() {
                private int commandsRead;

                @Override
                public SnapshotWriter writeSnapshot() {
                    return new Writer(new TreeMap<>(map), commands - commandsRead);
                }

                @Override
                public void readSnapshot(final SnapshotSource source) {
                    super.readSnapshot(source);
                    commandsRead = commands;
                }
            };
        }
    }

    /** Goes on with a snapshot that was given up. */
    static class KeepsGivenUp extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new SnapshottingMachine() {
                private TreeMap<Byte, Byte> copy;
                private int commandsThen;

                @Override
                public SnapshotWriter writeSnapshot() {
                    if (copy == null) {
                        copy = new TreeMap<>(map);
                        commandsThen = commands;
                    }
                    return new Writer(copy, commandsThen) {
                        @Override
                        public boolean writeSlice(final SnapshotSink sink) {
                            final boolean hasMore = super.writeSlice(sink);
                            copy = hasMore ? copy : null;
                            return hasMore;
                        }
                    };
                }
            };
        }
    }

    /** Takes a snapshot that ends too early for a short one. */
    static class TakesDamaged extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new SnapshottingMachine() {
                @Override
                public void readSnapshot(final SnapshotSource source) {
                    try {
                        super.readSnapshot(source);
                    } catch (final IllegalStateException e) {
                        commands = 0;
                    }
                }
            };
        }
    }
}
