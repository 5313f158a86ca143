package io.paxos.testkit.trace;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a message says.
 *
 * @param type in words, as {@code ask read}; one per method of {@link io.paxos.spi.Messages}
 * @param ballot that it speaks of: that promised for a reject, that followed for a pong; 0 for none
 * @param slot that it speaks of, or the first one; 0 for none
 * @param throughSlot the last slot that it speaks of, inclusive; 0 for none
 * @param fields whatever else it says, by name, in order
 */
public record MessageText(String type, long ballot, long slot, long throughSlot, Map<String, String> fields) {
    public MessageText {
        Objects.requireNonNull(type, "type");
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }
}
