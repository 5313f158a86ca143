package io.paxos.protocol;

import io.paxos.spi.Claims;
import io.paxos.spi.Messages;
import io.paxos.spi.Outbox;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Records the sent messages, lane by lane: {@code now 2 reject 1 131074 5}, a value as its text. */
final class SentMessages implements Outbox {
    final List<String> lines = new ArrayList<>();

    @Override
    public Messages now(final int to) {
        return sender("now", to);
    }

    @Override
    public Claims afterSync(final int to) {
        return sender("afterSync", to);
    }

    /** The messages that were sent since the last call. */
    List<String> take() {
        final List<String> sent = List.copyOf(lines);
        lines.clear();
        return sent;
    }

    static DirectBuffer value(final String text) {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[text.length()]);
        buffer.putStringWithoutLengthAscii(0, text);
        return buffer;
    }

    private Messages sender(final String lane, final int to) {
        return (Messages) Proxy.newProxyInstance(
                Messages.class.getClassLoader(), new Class<?>[] {Messages.class}, (proxy, method, arguments) -> {
                    final StringJoiner line = new StringJoiner(" ");
                    line.add(lane).add(String.valueOf(to)).add(method.getName());
                    for (int i = 0; i < arguments.length; i++) {
                        if (arguments[i] instanceof DirectBuffer payload) {
                            line.add("'"
                                    + payload.getStringWithoutLengthAscii(
                                            (int) arguments[i + 1], (int) arguments[i + 2])
                                    + "'");
                            i += 2;
                        } else {
                            line.add(String.valueOf(arguments[i]));
                        }
                    }
                    lines.add(line.toString());
                    return null;
                });
    }
}
