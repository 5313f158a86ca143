package io.paxos.testkit.contract;

import io.paxos.spi.Messages;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One call of a method of {@link Messages}, kept: its name, speaker, fields and a copy of its payload.
 *
 * <p>By reflection, so that a method that is added to the language is under contract from that day.
 *
 * @param fields the longs and booleans after {@code from}, in order
 * @param payload null if the method has none
 */
@SuppressWarnings("ArrayRecordComponent") // compared by sameAs alone
record RecordedMessage(String name, int from, List<Object> fields, byte[] payload) {
    private static final Map<String, Method> METHODS = methods();

    /** Hears messages; {@code again} makes another copy of the arguments, as long as the call lasts. */
    interface Listener {
        void received(RecordedMessage message, Supplier<RecordedMessage> again);
    }

    /** The names of all methods of the language, sorted. */
    static List<String> names() {
        return List.copyOf(METHODS.keySet());
    }

    /** Whether this method carries a payload. */
    static boolean hasPayload(final String name) {
        return Arrays.asList(METHODS.get(name).getParameterTypes()).contains(DirectBuffer.class);
    }

    /** Receiver, or a sender, that turn each call into a message. */
    static Messages listener(final Listener listener) {
        return (Messages) Proxy.newProxyInstance(
                Messages.class.getClassLoader(), new Class<?>[] {Messages.class}, (proxy, method, arguments) -> {
                    if (method.getDeclaringClass() == Object.class) {
                        return objectMethod(proxy, method, arguments);
                    }
                    listener.received(of(method, arguments), () -> of(method, arguments));
                    return null;
                });
    }

    /**
     * What is to be said, with {@code tag} in place of the first long; a payload begins with the tag if there is no
     * long, and is then at least 8 bytes long. The rest of a payload is random and depends on the tag alone.
     */
    static RecordedMessage of(final Send send, final long tag) {
        final long[] longs = {tag, send.b(), send.c()};
        final List<Object> fields = new ArrayList<>();
        byte[] payload = null;
        int used = 0;
        for (final Class<?> type : METHODS.get(send.message()).getParameterTypes()) {
            if (type == long.class) {
                fields.add(longs[used++]);
            } else if (type == boolean.class) {
                fields.add((send.c() & 1) != 0);
            } else if (type == DirectBuffer.class) {
                payload = payload(tag, send.length(), used == 0);
            }
        }
        return new RecordedMessage(send.message(), send.from(), List.copyOf(fields), payload);
    }

    /** The tag that it was made with, if nothing was altered; 0 if it is too short for one. */
    long tag() {
        if (!fields.isEmpty()) {
            return fields.get(0) instanceof Long tag ? tag : 0;
        }
        return payload == null || payload.length < Long.BYTES ? 0 : new UnsafeBuffer(payload).getLong(0);
    }

    /** Says it, with the payload at {@code offset} of the buffer, which is overwritten. */
    void send(final Messages sender, final MutableDirectBuffer buffer, final int offset) {
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

    /** Says it from memory of its own. */
    void send(final Messages sender) {
        send(sender, new UnsafeBuffer(new byte[payload == null ? 0 : payload.length]), 0);
    }

    boolean sameAs(final RecordedMessage other) {
        return name.equals(other.name)
                && from == other.from
                && fields.equals(other.fields)
                && Arrays.equals(payload, other.payload);
    }

    /** The same, said by somebody else. */
    RecordedMessage from(final int speaker) {
        return new RecordedMessage(name, speaker, fields, payload);
    }

    /** The same with another payload. */
    RecordedMessage payload(final byte[] bytes) {
        return new RecordedMessage(name, from, fields, bytes);
    }

    /** For people: {@code accept(from 1, 4294967297, 2, 3, 300 bytes ending in 1f)}. */
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

    private static byte[] payload(final long tag, final int length, final boolean isTagged) {
        final byte[] bytes = new byte[isTagged ? Math.max(Long.BYTES, length) : length];
        new SplittableRandom(tag).nextBytes(bytes);
        if (isTagged) {
            new UnsafeBuffer(bytes).putLong(0, tag);
        }
        return bytes;
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
        return new RecordedMessage(method.getName(), (int) arguments[0], List.copyOf(fields), payload);
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
                throw new AssertionError("two sentences with one name: " + method.getName());
            }
        }
        return byName;
    }
}
