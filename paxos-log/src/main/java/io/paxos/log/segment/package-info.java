/**
 * Files, records and forces of the log in {@code io.paxos.log}. Not for users: everything here may change with any
 * release.
 *
 * <p>Chronicle Queue makes the files and writes the first document of each. The others are written behind it in groups,
 * in the form that Chronicle gives to documents. Chronicle is never asked what a file contains: it has no checksum and
 * takes most damage for the end of the queue. So the classes here read, check and index the files themselves.
 *
 * <p>A directory looks like this:
 *
 * <pre>
 * LOCK                           held while a process has the log open
 * WATERMARK                      the owner of the log, its format, and a lower bound of what is durable
 * BOTTOM                         where the log begins, if it was trimmed; segments before it are deleted or used again
 * RESERVE                        zeros whose blocks are given to votes when the file system is full
 * FORCE_FAILED                   when and why a force failed; logged and deleted at the next opening
 * 00000001/19700102F.cq4         first opening, segment 1
 * 00000001/19700103F.cq4         first opening, segment 2
 * 00000001/19700103F.cq4.copy    written while the second opening makes segment 2 durable
 * 00000002/19700104F.cq4         second opening, segment 3: the names count all segments, as days since 1970
 * 00000002/19700105F.precreated  the next segment, made ahead of time, perhaps from a segment that was given up
 * 00000002/metadata.cq4t         made of zeros for Chronicle, and deleted at the next opening
 * snapshots                      not of this package: see {@code io.paxos.log.snapshot}
 * </pre>
 *
 * <p>A Chronicle tailer can read every segment that is not trimmed. It must not be inside one that is given up: the
 * file can become another segment.
 *
 * <p>{@link io.paxos.log.segment.Frame} describes the bytes of one record, {@link io.paxos.log.segment.Watermark} those
 * of the file {@code WATERMARK}, and {@link io.paxos.log.segment.LogFormat} which versions of both this build reads.
 *
 * <p>May see {@code io.paxos.spi}, Agrona and Chronicle Queue. It does not see {@code io.paxos.log}: failures are
 * {@link io.paxos.log.segment.StorageException}s, which the log turns into its own.
 */
package io.paxos.log.segment;
