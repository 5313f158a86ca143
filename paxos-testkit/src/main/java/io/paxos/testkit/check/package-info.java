/**
 * Checks histories that were seen from outside: what clients asked, what the answers were, and when.
 *
 * <p>It knows no test framework and no Paxos, and can check any service. May see nothing but the JDK.
 */
package io.paxos.testkit.check;
