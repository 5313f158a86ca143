package io.paxos.testkit.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.ReplicaListener;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Transport;
import io.paxos.testkit.trace.Recorder;
import io.paxos.testkit.trace.Recordings;
import io.paxos.transport.inprocess.InProcessNetwork;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A default method that is not forwarded would hide what is behind the log, the transport or the listener. */
class ForwardingTest {
    static Stream<Arguments> methods() {
        return Stream.of(
                        Arguments.of(AcceptorLog.class, ForwardingLog.class),
                        Arguments.of(Transport.class, ForwardingTransport.class),
                        Arguments.of(ReplicaListener.class, recordingListener()))
                .flatMap(ForwardingTest::methodsOf);
    }

    private static Class<?> recordingListener() {
        return new Recordings(new Recorder(), () -> 0)
                .transport(1, new InProcessNetwork().transport(1))
                .listener(ReplicaListener.NONE)
                .getClass();
    }

    private static Stream<Arguments> methodsOf(final Arguments types) {
        final Class<?> spi = (Class<?>) types.get()[0];
        return Arrays.stream(spi.getMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .map(method -> Arguments.of(types.get()[1], method));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("methods")
    void every_method_is_forwarded(final Class<?> forwarding, final Method method) throws Exception {
        assertThat(forwarding
                        .getMethod(method.getName(), method.getParameterTypes())
                        .getDeclaringClass())
                .isEqualTo(forwarding);
    }
}
