package io.paxos.testkit.memory;

import io.paxos.spi.Messages;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A copy of one call of a method of {@link Messages}: its name, sender, fields and payload.
 *
 * <p>It reads the methods of the interface by reflection and knows no message by name, so a new message is recorded
 * from the day that it is added. The {@code MessageText} of the diagrams is another class, because it uses the table of
 * the wire. This one must not: the contract of a transport compares what a transport delivers with what was sent, and a
 * mistake in that table must not be in both. For tests; each call allocates.
 *
 * @param name of the method
 * @param from the replica id of the sender
 * @param fields the numbers and flags after {@code from}, in order: each a {@link Long} or a {@link Boolean}
 * @param payload not copied; null if the method has none
 */
@SuppressWarnings("ArrayRecordComponent") // compared by isSameAs alone
public record RecordedMessage(String name, int from, List<Object> fields, byte[] payload) {
    private static final Map<String, Method> METHODS = methods(); // by name, sorted

    public RecordedMessage {
        fields = List.copyOf(fields);
    }

    /** Receives messages. */
    @FunctionalInterface
    public interface Listener {
        /** {@code again} makes another copy of the arguments; valid until this call returns. */
        void received(RecordedMessage message, Supplier<RecordedMessage> again);
    }

    /** The names of all messages, sorted. */
    public static List<String> names() {
        return List.copyOf(METHODS.keySet());
    }

    /** Whether this method has a payload. */
    public static boolean hasPayload(final String name) {
        return Arrays.asList(METHODS.get(name).getParameterTypes()).contains(DirectBuffer.class);
    }

    /** A receiver, or a sender, that turns each call into a message. */
    public static Messages listener(final Listener listener) {
        return (Messages) Proxy.newProxyInstance(
                Messages.class.getClassLoader(), new Class<?>[] {Messages.class}, (proxy, method, arguments) -> {
                    if (method.getDeclaringClass() == Object.class) {
                        return objectMethod(proxy, method, arguments);
                    }
                    listener.received(of(method, arguments), () -> of(method, arguments));
                    return null;
                });
    }

    /** How many numbers this method has after {@code from}. A flag is none. */
    public static int longCount(final String name) {
        return (int) Stream.of(METHODS.get(name).getParameterTypes())
                .filter(type -> type == long.class)
                .count();
    }

    /**
     * A message that is made from its parts.
     *
     * @param longs the numbers, in order; those that the method does not have are ignored
     * @param flag the value of each flag, if the method has one
     * @param payload not copied; ignored if the method has none
     */
    public static RecordedMessage of(
            final String name, final int from, final long[] longs, final boolean flag, final byte[] payload) {
        final List<Object> fields = new ArrayList<>();
        int used = 0;
        for (final Class<?> type : METHODS.get(name).getParameterTypes()) {
            if (type == long.class) {
                fields.add(longs[used++]);
            } else if (type == boolean.class) {
                fields.add(flag);
            }
        }
        return new RecordedMessage(name, from, fields, hasPayload(name) ? payload : null);
    }

    /** Calls the method, with the payload at {@code offset} of {@code buffer}. The buffer is written first. */
    public void send(final Messages sender, final MutableDirectBuffer buffer, final int offset) {
        final List<Object> arguments = new ArrayList<>();
        arguments.add(from);
        arguments.addAll(fields);
        if (payload != null) {
            buffer.putBytes(offset, payload);
            arguments.addAll(List.of(buffer, offset, payload.length));
        }
        try {
            METHODS.get(name).invoke(sender, arguments.toArray());
        } catch (final InvocationTargetException e) {
            throw unchecked(e.getCause());
        } catch (final IllegalAccessException e) {
            throw new AssertionError("Messages is public", e);
        }
    }

    /** Calls the method, with the payload in memory of its own. */
    public void send(final Messages sender) {
        send(sender, new UnsafeBuffer(new byte[payload == null ? 0 : payload.length]), 0);
    }

    /** Whether name, sender, fields and payload are equal. */
    public boolean isSameAs(final RecordedMessage other) {
        return name.equals(other.name)
                && from == other.from
                && fields.equals(other.fields)
                && Arrays.equals(payload, other.payload);
    }

    /** The same message from another sender. */
    public RecordedMessage from(final int sender) {
        return new RecordedMessage(name, sender, fields, payload);
    }

    /** The same message with another payload. */
    public RecordedMessage payload(final byte[] bytes) {
        return new RecordedMessage(name, from, fields, bytes);
    }

    /** For people: {@code accept(from 1, 4294967297, 2, 3, 300 bytes with hash 1f)}. */
    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder(name).append("(from ").append(from);
        fields.forEach(field -> text.append(", ").append(field));
        if (payload != null) {
            text.append(", ").append(payload.length).append(" bytes");
            if (payload.length > 0) {
                text.append(" with hash ").append(Integer.toHexString(Arrays.hashCode(payload)));
            }
        }
        return text.append(')').toString();
    }

    private static RecordedMessage of(final Method method, final Object[] arguments) {
        final List<Object> fields = new ArrayList<>();
        byte[] payload = null;
        for (int i = 1; i < arguments.length; i++) {
            if (method.getParameterTypes()[i] == DirectBuffer.class) {
                payload = new byte[(int) arguments[i + 2]];
                if (payload.length > 0) {
                    ((DirectBuffer) arguments[i]).getBytes((int) arguments[i + 1], payload);
                }
                break;
            }
            fields.add(arguments[i]);
        }
        return new RecordedMessage(method.getName(), (int) arguments[0], fields, payload);
    }

    private static Object objectMethod(final Object proxy, final Method method, final Object[] arguments) {
        return switch (method.getName()) {
            case "equals" -> proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> "a listener";
        };
    }

    private static RuntimeException unchecked(final Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        return thrown instanceof RuntimeException exception ? exception : new IllegalStateException(thrown);
    }

    private static Map<String, Method> methods() {
        final Map<String, Method> byName = new TreeMap<>();
        for (final Method method : Messages.class.getMethods()) {
            if (Modifier.isAbstract(method.getModifiers()) && byName.put(method.getName(), method) != null) {
                throw new AssertionError("two messages with one name: " + method.getName());
            }
        }
        return byName;
    }
}
