/**
 * What the bytes of a value mean. The runtime writes and reads them with this package, and so do tools and the
 * simulator.
 *
 * <p>The layout is part of what a log means: it changes only with a new {@link io.paxos.value.ValueKind}.
 */
package io.paxos.value;
