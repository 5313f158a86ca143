/**
 * End-to-end load: whole clusters over real sockets and real disks. Ours and other libraries are behind one interface.
 *
 * <p>{@link io.paxos.benchmarks.load.LoadTool} is the command line, {@link io.paxos.benchmarks.load.Library} what is
 * measured, {@link io.paxos.benchmarks.load.LoadLoop} the client that measures. May use all of the library; nothing may
 * use it.
 */
package io.paxos.benchmarks.load;
