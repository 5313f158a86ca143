package io.paxos.testkit.contract.machine;

import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** State machines that behave alike within one JVM and differently in another, as contracts of their own. */
final class JvmDependentMachines {
    private JvmDependentMachines() {}

    private abstract static class Replying extends MapMachine {
        @Override
        public void apply(final Command command, final Reply reply) {
            super.apply(command, reply);
            final int key = command.length() == 0 ? 0 : command.buffer().getByte(command.offset());
            reply.put(text(key).getBytes(StandardCharsets.UTF_8));
        }

        abstract String text(int key);
    }

    /** Iterates over a HashMap with keys of an enum, which hash by identity. */
    static class EnumHashOrder extends MapMachine.Contract {
        private enum Colour {
            RED,
            GREEN,
            BLUE
        }

        private static final List<Colour> COLOURS = List.of(Colour.RED, Colour.GREEN, Colour.BLUE);

        @Override
        protected StateMachine create() {
            return new Replying() {
                private final Map<Colour, Integer> counts = new HashMap<>();

                @Override
                String text(final int key) {
                    counts.merge(COLOURS.get(Math.floorMod(key, 3)), 1, Integer::sum);
                    return counts.keySet().toString();
                }
            };
        }
    }

    /** Iterates over an unmodifiable set, in an order that each JVM draws. */
    static class SaltedSet extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new Replying() {
                private final Set<Integer> keys = new HashSet<>();

                @Override
                String text(final int key) {
                    keys.add(key);
                    return Set.copyOf(keys).toString();
                }
            };
        }
    }

    static class DefaultLocale extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new Replying() {
                @Override
                String text(final int key) {
                    return String.format("%.1f", key / 2.0) + "title".toUpperCase(Locale.getDefault());
                }
            };
        }
    }

    /** Replies with the date of today where the JVM believes to be. */
    static class DefaultZone extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new Replying() {
                @Override
                String text(final int key) {
                    return LocalDate.now(ZoneId.systemDefault()).toString();
                }
            };
        }
    }

    static class DefaultCharset extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new Replying() {
                @Override
                String text(final int key) {
                    return Integer.toString("\u00e9".getBytes(Charset.defaultCharset()).length);
                }
            };
        }
    }
}
