package io.paxos.testkit.contract.transport;

/** What a transport promises, one message each: the one that a failure begins with. */
enum TransportPromise {
    UNALTERED("what arrives was sent, byte for byte: nothing is invented or altered"),
    TRUE_SENDER("a message names the member that sent it"),
    RIGHT_RECEIVER("a message is received only by the member that it was sent to"),
    REACHES("a message that is sent again and again arrives"),
    LOSSLESS("a lossless transport loses nothing while both members are open"),
    ORDERED("an ordered transport keeps the order between two members"),
    ONCE("a transport free of duplicates delivers nothing twice"),
    ONLY_IN_POLL("messages are delivered only in poll, on the thread that polls"),
    POLL_COUNT("poll returns how many messages it handed over"),
    POLL_LIMIT("poll hands over about as many messages as its limit allows"),
    STEADY_VIEW("the payload stays as it is during the call, also while the receiver sends"),
    VALUE_LENGTH("values of up to valueLengthMax bytes are carried"),
    TOO_LONG("a value longer than valueLengthMax is dropped or refused as an illegal argument"),
    NEVER_BLOCKS("to, poll, flush, wakeup and close return at once, whatever state the peers are in"),
    NEVER_THROWS("a transport does not throw: failures are silence"),
    WAKES("await ends when it is woken, also if just before"),
    WAKES_ON_ARRIVAL("await ends when something arrives"),
    TIMES_OUT("await ends when its time is over"),
    NOTHING_AFTER_CLOSE("after close nothing is delivered and nothing is sent"),
    COMES_BACK("a member that was closed can be opened again and reach the others"),
    CARD("what a member says of itself in a handshake is told to the others byte for byte"),
    CONFIRMED("a message is delivered only after the card of its sender was confirmed"),
    VERDICT("nothing is delivered between two members if one does not admit or does not confirm the other"),
    NEW_CARD("a changed card is told before the next message of the member that changed it"),
    NO_LEFT_THREADS("close ends every thread of the transport"),
    NO_LEFT_FILES("close gives back every file descriptor"),
    KEEPS_RUNNING("replicas over this transport do not stop"),
    AGREEMENT("replicas over this transport execute every acknowledged command, in one order"),
    CONVERGENCE("replicas over this transport converge when the faults are over");

    private final String message;

    TransportPromise(final String message) {
        this.message = message;
    }

    /** The promise in one sentence. */
    String message() {
        return message;
    }

    /** What to throw: the promise in one message, then what was seen. */
    AssertionError broken(final String seen) {
        return broken(seen, null);
    }

    /** The same with a cause, or null. */
    AssertionError broken(final String seen, final Throwable cause) {
        return new AssertionError("broken promise: " + message + "\n  " + seen, cause);
    }
}
