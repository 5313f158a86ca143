/**
 * The language of the library: what replicas say to each other, and what a log, a transport and a clock must do.
 *
 * <p>Interfaces only. May see Agrona's buffers and nothing else. Everything else points here.
 */
package io.paxos.spi;
