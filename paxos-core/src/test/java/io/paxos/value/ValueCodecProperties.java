package io.paxos.value;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.agrona.concurrent.UnsafeBuffer;

class ValueCodecProperties {
    private static final int MARGIN = 5;

    @Property
    void a_value_gives_back_the_commands_that_were_put_into_it(
            @ForAll @Size(min = 1, max = 8) final List<@Size(max = 40) byte[]> commands,
            @ForAll final long timeMs,
            @ForAll @IntRange(min = 1, max = 65535) final int origin,
            @ForAll @IntRange(min = 1) final int incarnation,
            @ForAll @LongRange(min = 1, max = Long.MAX_VALUE / 2) final long firstSequence) {
        final UnsafeBuffer value = new UnsafeBuffer(new byte[4096]);
        value.setMemory(0, value.capacity(), (byte) -1); // as a buffer that was used before
        ValueCodec.putHeader(value, timeMs);
        int end = ValueCodec.HEADER_LENGTH;
        for (int i = 0; i < commands.size(); i++) {
            final byte[] command = commands.get(i);
            final UnsafeBuffer view = new UnsafeBuffer(command);
            ValueCodec.putCommand(value, end, origin, incarnation, firstSequence + i, view, 0, command.length);
            end += ValueCodec.commandLength(command.length);
        }

        assertThat(ValueKind.of(ValueCodec.kind(value, 0, end))).isEqualTo(ValueKind.COMMANDS);
        assertThat(ValueCodec.timeMs(value, 0)).isEqualTo(timeMs);
        assertThat(ValueCodec.isCommands(value, ValueCodec.HEADER_LENGTH, end - ValueCodec.HEADER_LENGTH))
                .isTrue();
        final List<byte[]> read = new ArrayList<>();
        final CommandView view = new CommandView();
        for (int at = ValueCodec.HEADER_LENGTH; at < end; at += ValueCodec.commandLength(view.length())) {
            assertThat(ValueCodec.isCommand(value, at, end)).isTrue();
            view.wrap(7, timeMs, value, at);
            assertThat(view.name()).isEqualTo(new CommandName(origin, incarnation, firstSequence + read.size()));
            final byte[] command = new byte[view.length()];
            view.buffer().getBytes(view.offset(), command);
            read.add(command);
        }
        assertThat(read).hasSameSizeAs(commands);
        for (int i = 0; i < read.size(); i++) {
            assertThat(read.get(i)).isEqualTo(commands.get(i));
        }
    }

    /** Bounds are checked: a read outside of the wrapped range throws. */
    @Property(tries = 5_000)
    void any_bytes_can_be_judged_and_nothing_around_them_is_read(
            @ForAll @Size(max = 120) final byte[] bytes, @ForAll @IntRange(min = -3, max = 70) final int firstLength) {
        final UnsafeBuffer plain = new UnsafeBuffer(bytes.clone());
        if (plain.capacity() >= Integer.BYTES) {
            plain.putInt(0, firstLength); // so that some are nearly commands
        }
        final UnsafeBuffer framed = new UnsafeBuffer(new byte[bytes.length + 2 * MARGIN]);
        framed.setMemory(0, framed.capacity(), (byte) 0x55);
        framed.putBytes(MARGIN, plain, 0, bytes.length);

        assertThat(ValueCodec.kind(framed, MARGIN, bytes.length)).isEqualTo(ValueCodec.kind(plain, 0, bytes.length));
        assertThat(ValueCodec.isCommand(framed, MARGIN, MARGIN + bytes.length))
                .isEqualTo(ValueCodec.isCommand(plain, 0, bytes.length));
        final boolean isCommands = ValueCodec.isCommands(plain, 0, bytes.length);
        assertThat(ValueCodec.isCommands(framed, MARGIN, bytes.length)).isEqualTo(isCommands);
        if (isCommands) {
            for (int at = 0; at < bytes.length; at += ValueCodec.commandLength(ValueCodec.length(plain, at))) {
                final CommandView view = new CommandView().wrap(1, 0, plain, at);
                plain.boundsCheck(view.offset(), view.length());
                assertThat(view.toString()).startsWith("command ");
            }
        }
    }

    @Property
    void a_kind_is_known_by_its_code_and_understood_from_its_level_on(@ForAll final int code) {
        final ValueKind kind = ValueKind.of(code);
        if (code == 0 || code == 1) {
            assertThat(kind.code()).isEqualTo(code);
            assertThat(kind.isUnderstoodAt(ValueKind.FEATURE_LEVEL)).isTrue();
            assertThat(kind.isUnderstoodAt(0)).isFalse();
        } else {
            assertThat(kind).isNull();
        }
    }
}
