package io.paxos.transport.wire;

import io.paxos.spi.Messages;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Sends any one of the messages, with given fields, by reflection. */
final class SampleMessages {
    private SampleMessages() {}

    /** The longs of the message are a, b and c in turn, its flags whether the next one is even. */
    static void send(
            final MessageType type,
            final int from,
            final long a,
            final long b,
            final long c,
            final byte[] value,
            final Messages to) {
        final Method method = Stream.of(Messages.class.getMethods())
                .filter(candidate -> candidate.getName().equals(type.methodName()))
                .findAny()
                .orElseThrow();
        final long[] longs = {a, b, c};
        int used = 0;
        final List<Object> arguments = new ArrayList<>(List.of(from));
        for (int i = 1; i < method.getParameterCount(); i++) {
            final Class<?> parameter = method.getParameterTypes()[i];
            if (parameter == long.class) {
                arguments.add(longs[used++]);
            } else if (parameter == boolean.class) {
                arguments.add((longs[used % longs.length] & 1) == 0);
            } else if (parameter == DirectBuffer.class) {
                arguments.addAll(List.of(new UnsafeBuffer(value), 0, value.length));
            }
        }
        try {
            method.invoke(to, arguments.toArray());
        } catch (final InvocationTargetException | IllegalAccessException e) {
            throw new LinkageError("sending " + type + " " + arguments, e);
        }
    }
}
