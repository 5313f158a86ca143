/**
 * The acceptor log on disk: {@link io.paxos.log.ChronicleLog}, with frames, checks and forces of our own around Chronicle
 * Queue.
 *
 * <p>Chronicle makes the files and writes the first document of each; the others are written behind it in groups, in
 * Chronicle's form. It is never asked what a file contains: reading, checking and indexing go to the files directly, because
 * Chronicle has no checksum and takes most damage for the end of the queue. A directory looks like this:
 *
 * <pre>
 * LOCK                           held while a process has the log open
 * WATERMARK                      whose log it is, and a lower bound of what is durable; two slots, written in turn
 * 00000001/19700102F.cq4         first opening, segment 1
 * 00000001/19700103F.cq4         first opening, segment 2
 * 00000002/19700104F.cq4         second opening, segment 3: segments are numbered through, as days since 1970
 * 00000002/19700105F.precreated  the next segment, made ahead of time
 * 00000002/metadata.cq4t         Chronicle's own, good for nothing once the process is gone
 * </pre>
 *
 * <p>May see {@code io.paxos.spi}, Agrona and Chronicle Queue.
 */
package io.paxos.log;
