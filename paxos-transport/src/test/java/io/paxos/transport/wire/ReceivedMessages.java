package io.paxos.transport.wire;

import io.paxos.spi.ForwardingMessages;
import io.paxos.spi.Messages;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * A receiver that keeps every message: its name, its parameters in order, and a copy of its payload.
 *
 * <p>By reflection and without the table of messages, so that it can be used to test the table.
 */
public final class ReceivedMessages extends ForwardingMessages {
    private final List<List<Object>> messages = new ArrayList<>();
    private final Messages keeper = (Messages) Proxy.newProxyInstance(
            Messages.class.getClassLoader(), new Class<?>[] {Messages.class}, (proxy, method, arguments) -> {
                messages.add(parts(method, arguments));
                return null;
            });

    public List<List<Object>> messages() {
        return messages;
    }

    public int count() {
        return messages.size();
    }

    public List<Object> last() {
        return messages.get(messages.size() - 1);
    }

    public static ByteBuffer copy(final DirectBuffer buffer, final int offset, final int length) {
        final byte[] bytes = new byte[length];
        if (length > 0) {
            buffer.getBytes(offset, bytes);
        }
        return ByteBuffer.wrap(bytes);
    }

    @Override
    protected Messages next() {
        return keeper;
    }

    private static List<Object> parts(final Method method, final Object[] arguments) {
        final List<Object> parts = new ArrayList<>();
        parts.add(method.getName());
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i] instanceof DirectBuffer buffer) {
                parts.add(copy(buffer, (int) arguments[i + 1], (int) arguments[i + 2]));
                break;
            }
            parts.add(arguments[i]);
        }
        return List.copyOf(parts);
    }
}
