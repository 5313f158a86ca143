package io.paxos.identity;

import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.protocol.Configuration;
import java.nio.ByteBuffer;

/**
 * What must be the same on every member. With different quorums two values could be chosen for one slot; a longer value
 * than another member takes would never reach it.
 *
 * @param valueLengthMax the longest value in bytes: the least that log, transport and buffers take
 * @param featureLevel up to which kinds of values this build understands
 */
record Fingerprint(int epoch, Members members, Quorums quorums, int valueLengthMax, int featureLevel) {
    static Fingerprint of(final Configuration configuration, final int valueLengthMax, final int featureLevel) {
        return new Fingerprint(
                configuration.epoch(), configuration.members(), configuration.quorums(), valueLengthMax, featureLevel);
    }

    /** How a configuration differs, as {@code members 1,2,3 HERE, 1,2,4 THERE}; null if it does not. */
    String configurationDifference(final Fingerprint other, final String here, final String there) {
        if (epoch != other.epoch) {
            return difference("epoch", epoch, here, other.epoch, there);
        }
        if (!members.toString().equals(other.members.toString())) {
            return difference("members", members, here, other.members, there);
        }
        return quorums.equals(other.quorums)
                ? null
                : difference("quorums", text(quorums), here, text(other.quorums), there);
    }

    /** How the two differ; null if they agree. */
    String difference(final Fingerprint other, final String here, final String there) {
        final String difference = configurationDifference(other, here, there);
        if (difference != null) {
            return difference;
        }
        if (valueLengthMax != other.valueLengthMax) {
            return difference(
                    "the longest value (the least of log, transport and pendingBytes / 8)",
                    valueLengthMax + " bytes",
                    here,
                    other.valueLengthMax + " bytes",
                    there);
        }
        return featureLevel == other.featureLevel
                ? null
                : difference("feature level", featureLevel, here, other.featureLevel, there);
    }

    private static String difference(
            final String what, final Object own, final String here, final Object theirs, final String there) {
        return what + ": " + own + " " + here + ", " + theirs + " " + there;
    }

    private static String text(final Quorums quorums) {
        return quorums.phase1() + "+" + quorums.phase2() + " of " + quorums.members();
    }

    int length() {
        return 5 * Integer.BYTES + Short.BYTES + members.size() * Short.BYTES;
    }

    void write(final ByteBuffer to) {
        to.putInt(epoch)
                .putInt(quorums.phase1())
                .putInt(quorums.phase2())
                .putInt(valueLengthMax)
                .putInt(featureLevel)
                .putShort((short) members.size());
        for (int i = 0; i < members.size(); i++) {
            to.putShort((short) members.id(i));
        }
    }

    /** @throws RuntimeException if the bytes are no fingerprint */
    static Fingerprint read(final ByteBuffer from) {
        final int epoch = from.getInt();
        final int phase1 = from.getInt();
        final int phase2 = from.getInt();
        final int valueLengthMax = from.getInt();
        final int featureLevel = from.getInt();
        final int count = from.getShort();
        if (count < 1 || count > Long.SIZE) {
            throw new IllegalArgumentException("members: " + count);
        }
        final int[] ids = new int[count];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = Short.toUnsignedInt(from.getShort());
        }
        return new Fingerprint(
                epoch, Members.of(ids), new Quorums(ids.length, phase1, phase2), valueLengthMax, featureLevel);
    }
}
