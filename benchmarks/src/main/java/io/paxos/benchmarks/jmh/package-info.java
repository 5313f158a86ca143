/** JMH suites, each isolating one part of the way of a command, and what turns their results into a table. */
package io.paxos.benchmarks.jmh;
