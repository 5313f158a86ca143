package io.paxos.transport.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.spi.Messages;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;

/** The table of messages says what {@link Messages} says. */
class MessageTypeTest {
    private static List<Method> methods() {
        return Stream.of(Messages.class.getMethods())
                .filter(method -> Modifier.isAbstract(method.getModifiers()))
                .toList();
    }

    @Test
    void every_method_of_messages_has_one_line_in_the_table() {
        assertThat(MessageType.values())
                .extracting(MessageType::methodName)
                .containsExactlyInAnyOrderElementsOf(
                        methods().stream().map(Method::getName).toList());
    }

    @Test
    void every_line_has_the_parameters_of_its_method() {
        for (final Method method : methods()) {
            final List<String> expected = new ArrayList<>();
            for (final Parameter parameter : method.getParameters()) {
                expected.add(parameter.getType().getSimpleName() + " " + parameter.getName());
            }
            assertThat(parameters(type(method.getName()))).as(method.getName()).isEqualTo(expected);
        }
    }

    private static List<String> parameters(final MessageType type) {
        final List<String> parameters = new ArrayList<>(List.of("int from"));
        for (final MessageField field : type.fields()) {
            parameters.add((field.kind() == FieldKind.FLAG ? "boolean " : "long ") + field.name());
        }
        if (type.hasPayload()) {
            final String buffer = DirectBuffer.class.getSimpleName();
            parameters.addAll(List.of(buffer + " " + type.payloadName(), "int offset", "int length"));
        }
        return parameters;
    }

    private static MessageType type(final String methodName) {
        return Stream.of(MessageType.values())
                .filter(type -> type.methodName().equals(methodName))
                .findAny()
                .orElseThrow();
    }

    @Test
    void codes_count_from_1_in_the_order_of_the_table() {
        int code = 1;
        for (final MessageType type : MessageType.values()) {
            assertThat(type.code()).as(type.name()).isEqualTo((byte) code);
            assertThat(MessageType.ofCode(code)).isSameAs(type);
            code++;
        }
    }

    @Test
    void a_number_that_is_no_code_is_no_message() {
        assertThat(MessageType.ofCode(0)).isNull();
        assertThat(MessageType.ofCode(-1)).isNull();
        assertThat(MessageType.ofCode(MessageType.values().length + 1)).isNull();
        assertThat(MessageType.ofCode(Integer.MAX_VALUE)).isNull();
    }

    @Test
    void the_longest_fields_bound_the_length_of_a_frame() {
        assertThat(FrameLayout.frameLengthMax(100)).isEqualTo(FrameLayout.HEADER_LENGTH + 25 + 100);
    }
}
