/**
 * Judges histories that were seen from outside: what clients asked, what they were told, and when.
 *
 * <p>Free of any test framework, and of Paxos: it judges any service. May see nothing but the JDK.
 */
package io.paxos.testkit.check;
