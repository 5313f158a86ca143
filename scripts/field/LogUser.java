import io.paxos.log.ChronicleLog;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Uses the log of a directory without a replica, in a process of its own.
 *
 * <p>Arguments: the directory and {@code twice} (opens it, tries to open it again, and waits for the end of standard
 * input), {@code once} (opens it), or a number of slots to append. Prints one line for each attempt.
 */
public final class LogUser {
    private LogUser() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        try (ChronicleLog log = ChronicleLog.open(directory, 42, 1)) {
            System.out.println("opened with " + log.lastSlot() + " slots");
            if (arguments[1].equals("twice")) {
                try (ChronicleLog second = ChronicleLog.open(directory, 42, 1)) {
                    System.out.println("opened again with " + second.lastSlot() + " slots");
                } catch (RuntimeException e) {
                    System.out.println("refused: " + e.getMessage());
                }
                System.in.read();
            } else if (!arguments[1].equals("once")) {
                append(log, Long.parseLong(arguments[1]));
            }
        } catch (RuntimeException e) {
            System.out.println("refused: " + e.getMessage());
        }
    }

    private static void append(ChronicleLog log, long slots) {
        UnsafeBuffer value = new UnsafeBuffer(new byte[8]);
        for (long slot = log.lastSlot() + 1; slot <= slots; slot++) {
            log.accept(1, slot, 0, value, 0, value.capacity());
            if (slot % 1000 == 0) {
                log.sync();
                while (log.durablePosition() < log.appendedPosition()) {
                    Thread.onSpinWait();
                }
            }
        }
    }
}
