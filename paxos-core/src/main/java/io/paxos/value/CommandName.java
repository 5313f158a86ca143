package io.paxos.value;

/**
 * What a command is called, for all time: no other command of the cluster ever has the same name.
 *
 * @param origin the replica that took the command from its caller, 1..65535
 * @param incarnation of that replica's log then, >= 1
 * @param sequence the place of the command among those of this origin and incarnation, >= 1
 */
public record CommandName(int origin, int incarnation, long sequence) {
    @Override
    public String toString() {
        return origin + "." + incarnation + "." + sequence;
    }
}
