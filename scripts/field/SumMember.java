import io.paxos.Members;
import io.paxos.Outcome;
import io.paxos.Quorums;
import io.paxos.Read;
import io.paxos.Replica;
import io.paxos.log.ChronicleLog;
import io.paxos.spi.Clock;
import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import io.paxos.transport.tcp.TcpTransport;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.agrona.DirectBuffer;

/**
 * One replica of a sum, in a process of its own, with settings that the key-value store has no option for.
 *
 * <p>Arguments: the id, {@code id=port,...} of all members, the directory, then any of {@code heartbeatMs, window,
 * logId, transportId, logValueMax, transportValueMax, phase1, phase2, applyMicros}, each as {@code name=value}. Each
 * line of standard input is a request: {@code add NUMBER [LENGTH]}, {@code fill COUNT}, {@code sum}, {@code time},
 * {@code status}, or {@code clock YEARS}. Each request has one line on standard output.
 */
public final class SumMember implements StateMachine, Clock {
    private static final long YEAR_MS = 365L * 24 * 3_600_000;

    private volatile long aheadMs; // of the clock of the machine

    private int applyMicros; // that each command takes

    private long sum;
    private long timeMs; // of the last command

    @Override
    public void apply(Command command, Reply reply) {
        if (applyMicros > 0) {
            LockSupport.parkNanos(applyMicros * 1_000L);
        }
        sum += command.buffer().getLong(command.offset(), ByteOrder.BIG_ENDIAN);
        timeMs = command.timeMs();
        reply.reserve(Long.BYTES).putLong(0, sum, ByteOrder.BIG_ENDIAN);
    }

    @Override
    public void query(DirectBuffer query, int offset, int length, Reply reply) {
        reply.reserve(Long.BYTES).putLong(0, length == 0 ? sum : timeMs, ByteOrder.BIG_ENDIAN);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public long epochMillis() {
        return System.currentTimeMillis() + aheadMs;
    }

    public static void main(String[] arguments) throws Exception {
        new SumMember().serve(arguments);
    }

    private void serve(String[] arguments) throws Exception {
        try (Replica replica = start(arguments)) {
            System.out.println("up");
            BufferedReader requests = new BufferedReader(new InputStreamReader(System.in));
            for (String line = requests.readLine(); line != null; line = requests.readLine()) {
                System.out.println(answer(replica, line.split(" ")).replace('\n', ' '));
            }
        }
    }

    private Replica start(String[] arguments) {
        int id = Integer.parseInt(arguments[0]);
        Map<Integer, InetSocketAddress> addresses = new HashMap<>();
        for (String member : arguments[1].split(",")) {
            String[] pair = member.split("=");
            addresses.put(Integer.parseInt(pair[0]), new InetSocketAddress("127.0.0.1", Integer.parseInt(pair[1])));
        }
        Properties settings = new Properties();
        for (int i = 3; i < arguments.length; i++) {
            settings.setProperty(arguments[i].split("=")[0], arguments[i].split("=")[1]);
        }
        applyMicros = number(settings, "applyMicros", 0);
        int majority = addresses.size() / 2 + 1;
        return Replica.builder(id)
                .members(Members.of(addresses.keySet().stream().mapToInt(Integer::intValue).toArray()))
                .quorums(Quorums.flexible(
                        addresses.size(), number(settings, "phase1", majority), number(settings, "phase2", majority)))
                .clusterId(42)
                .bootstrap()
                .log(ChronicleLog.builder(Path.of(arguments[2]), 42, number(settings, "logId", id))
                        .valueLengthMax(number(settings, "logValueMax", 4 << 20))
                        .open())
                .transport(TcpTransport.builder(number(settings, "transportId", id))
                        .addresses(addresses)
                        .valueLengthMax(number(settings, "transportValueMax", 4 << 20))
                        .sendBufferBytes(64 << 20)
                        .open())
                .pendingBytes(64 << 20)
                .windowSlots(number(settings, "window", 128))
                .heartbeatIntervalNs(number(settings, "heartbeatMs", 100) * 1_000_000L)
                .clock(this)
                .stateMachine(this)
                .start();
    }

    private static int number(Properties settings, String name, int unlessGiven) {
        return Integer.parseInt(settings.getProperty(name, Integer.toString(unlessGiven)));
    }

    private String answer(Replica replica, String[] request) throws Exception {
        switch (request[0]) {
            case "add":
                int length = request.length > 2 ? Integer.parseInt(request[2]) : Long.BYTES;
                Outcome outcome = replica.submit(ByteBuffer.allocate(length)
                                .putLong(Long.parseLong(request[1]))
                                .array())
                        .get();
                return outcome instanceof Outcome.Chosen chosen ? "chosen " + number(chosen.reply()) : "" + outcome;
            case "fill":
                return fill(replica, Integer.parseInt(request[1]));
            case "clock":
                aheadMs = Long.parseLong(request[1]) * YEAR_MS;
                return "ok";
            case "status":
                return "" + replica.status();
            default:
                try {
                    byte[] query = new byte[request[0].equals("time") ? 1 : 0];
                    return "" + number(replica.read(query, Read.LINEARIZABLE).get());
                } catch (java.util.concurrent.ExecutionException e) {
                    return "" + e.getCause();
                }
        }
    }

    /** Adds 1 so many times, up to 1,000 of them at once. */
    private static String fill(Replica replica, int count) throws Exception {
        Semaphore room = new Semaphore(1000);
        byte[] one = ByteBuffer.allocate(Long.BYTES).putLong(1).array();
        for (int i = 0; i < count; i++) {
            room.acquire();
            replica.submit(one).whenComplete((outcome, failure) -> room.release());
        }
        room.acquire(1000);
        return "ok";
    }

    private static long number(byte[] bytes) {
        return ByteBuffer.wrap(bytes).getLong();
    }
}
