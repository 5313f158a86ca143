/**
 * JMH suites, each of which isolates one part of the path of a command, and the tool that makes a table of their
 * results.
 */
package io.paxos.benchmarks.jmh;
