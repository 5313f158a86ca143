package io.paxos.testkit.contract.transport;

import io.paxos.testkit.memory.RecordedMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What was sent and what was received. Every message has a tag of its own, so each one is checked when it arrives.
 *
 * <p>No tag is used twice in a JVM, so a message of an earlier run of the same property is recognized.
 */
final class DeliveryChecker {
    private static int lastNumber; // of the last tag in this JVM

    private static final class Entry {
        final Send send;
        final RecordedMessage message;
        final int number;
        final boolean isSilent; // sent after close: must not be received
        int received; // how often

        Entry(final Send send, final RecordedMessage message, final int number, final boolean isSilent) {
            this.send = send;
            this.message = message;
            this.number = number;
            this.isSilent = isSilent;
        }
    }

    private final TransportCapabilities capabilities;
    private final Map<Long, Entry> sent = new HashMap<>(); // by tag
    private final Map<List<Integer>, Integer> lastReceived = new HashMap<>(); // by sender and receiver: the number
    private AssertionError violation; // the first one; null while all is well

    DeliveryChecker(final TransportCapabilities capabilities) {
        this.capabilities = capabilities;
    }

    /** Notes a message that is about to be sent, and gives it a tag of its own. */
    synchronized RecordedMessage sent(final Send send, final boolean byClosed) {
        final int number = nextNumber();
        // Positive, as every ballot; all bits of its upper half are used, most of its lower half are the caller's.
        final long tag = (long) (Integer.reverse(number) >>> 1) << Integer.SIZE | (send.a() & 0xFFFF_FFFFL);
        final RecordedMessage message = send.message(tag);
        sent.put(tag, new Entry(send, message, number, byClosed));
        return message;
    }

    /** Checks a message that a member has received. */
    synchronized void received(final int receiver, final RecordedMessage message) {
        final Entry entry = sent.get(Send.tagOf(message));
        if (entry == null) {
            broken(TransportPromise.UNALTERED, receiver + " received " + message + ", which was never sent");
        } else if (!entry.message.isSameAs(message.from(entry.send.from()))) {
            broken(
                    TransportPromise.UNALTERED,
                    text(entry) + " was sent as " + entry.message + " and received as " + message);
        } else if (message.from() != entry.send.from()) {
            broken(TransportPromise.TRUE_SENDER, text(entry) + " was received as if from " + message.from());
        } else if (receiver != entry.send.to()) {
            broken(TransportPromise.RIGHT_RECEIVER, text(entry) + " was received by " + receiver);
        } else if (entry.isSilent) {
            broken(TransportPromise.NOTHING_AFTER_CLOSE, text(entry) + " was sent by a closed member, and received");
        } else {
            receivedAsSent(entry);
        }
    }

    private void receivedAsSent(final Entry entry) {
        entry.received++;
        if (entry.received > 1) {
            if (capabilities.duplicateFree()) {
                broken(TransportPromise.ONCE, text(entry) + " was received " + entry.received + " times");
            }
            return;
        }
        final List<Integer> pair = pair(entry.send);
        final int last = lastReceived.getOrDefault(pair, 0);
        if (capabilities.ordered() && entry.number < last) {
            broken(TransportPromise.ORDERED, text(entry) + " was received after one that was sent later");
        }
        lastReceived.put(pair, Math.max(last, entry.number));
    }

    /** Notes a broken promise; the first one counts. Any thread; the receiver must not throw. */
    synchronized void broken(final TransportPromise promise, final String seen) {
        if (violation == null) {
            violation = promise.broken(seen);
        }
    }

    /** Throws what was noted, if anything. */
    synchronized void check() {
        if (violation != null) {
            throw new AssertionError(violation.getMessage(), violation);
        }
    }

    synchronized boolean isReceived(final RecordedMessage message) {
        return sent.get(Send.tagOf(message)).received > 0;
    }

    synchronized boolean areReceived(final List<RecordedMessage> messages) {
        return messages.stream().allMatch(this::isReceived);
    }

    /** Whether each of these is received or lost. On an ordered transport one is lost once a later one is received. */
    synchronized boolean areSettled(final List<RecordedMessage> messages) {
        return messages.stream().allMatch(message -> {
            final Entry entry = sent.get(Send.tagOf(message));
            return entry.received > 0
                    || (capabilities.ordered() && lastReceived.getOrDefault(pair(entry.send), 0) > entry.number);
        });
    }

    /** One ping for each pair of sender and receiver of these. */
    synchronized List<Send> pings(final List<RecordedMessage> messages) {
        return messages.stream()
                .map(message -> sent.get(Send.tagOf(message)).send)
                .map(send -> Send.ping(send.from(), send.to()))
                .distinct()
                .toList();
    }

    /** How many of these were not received, and the first of them, for people. */
    synchronized String missing(final List<RecordedMessage> messages) {
        final List<Send> missing = new ArrayList<>();
        for (final RecordedMessage message : messages) {
            if (!isReceived(message)) {
                missing.add(sent.get(Send.tagOf(message)).send);
            }
        }
        return missing.size() + " of " + messages.size() + " were not received, the first is " + missing.get(0);
    }

    private static List<Integer> pair(final Send send) {
        return List.of(send.from(), send.to());
    }

    private static String text(final Entry entry) {
        return "[" + entry.send + "]";
    }

    private static synchronized int nextNumber() {
        return ++lastNumber;
    }
}
