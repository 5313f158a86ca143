package io.paxos.examples.kv;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Reads addresses as people write them. A failure names what is wrong with them. */
final class Addresses {
    private static final int PORT_MAX = 65_535;
    private static final int ID_MAX = 65_535;

    private Addresses() {}

    /** {@code host:port}; a host with colons in brackets. {@code where} names the option for messages. */
    static InetSocketAddress parse(final String where, final String text) {
        final int colon = text.lastIndexOf(':');
        if (colon < 1 || (text.indexOf(':') != colon && text.charAt(colon - 1) != ']')) {
            throw new UsageException(
                    where + ": '" + text + "' is not an address; write host:port, as in 127.0.0.1:7101");
        }
        final String host = text.substring(0, colon).replaceAll("^\\[(.*)]$", "$1");
        final int port = number(where + ": the port of '" + text + "'", text.substring(colon + 1), PORT_MAX);
        final InetSocketAddress address = host.isBlank() ? null : new InetSocketAddress(host, port);
        if (address == null || address.isUnresolved()) {
            throw new UsageException(
                    where + ": the host of '" + text + "' is unknown here; write its name or its IP address");
        }
        return address;
    }

    /** {@code id=host:port,id=host:port,...}, each id and each address once. */
    static Map<Integer, InetSocketAddress> parseReplicas(final String where, final String text) {
        final Map<Integer, InetSocketAddress> replicas = new TreeMap<>();
        final Map<InetSocketAddress, Integer> owners = new HashMap<>();
        for (final String entry : text.split(",", -1)) {
            final int equals = entry.indexOf('=');
            if (equals < 1) {
                throw new UsageException(where + ": '" + entry + "' is not id=host:port, as in 1=127.0.0.1:7101");
            }
            final int id = number(where + ": the id of '" + entry + "'", entry.substring(0, equals), ID_MAX);
            final InetSocketAddress address = parse(where, entry.substring(equals + 1));
            if (address.getAddress().isAnyLocalAddress()) {
                throw new UsageException(
                        where + ": '" + entry + "' is no address that others can reach; name this host");
            }
            if (replicas.put(id, address) != null) {
                throw new UsageException(where + ": id " + id + " is given twice; each replica has its own");
            }
            final Integer other = owners.put(address, id);
            if (other != null) {
                throw new UsageException(where + ": replicas " + other + " and " + id + " have the same address "
                        + RespServer.text(address) + "; each needs its own");
            }
        }
        return replicas;
    }

    private static int number(final String what, final String text, final int max) {
        final Integers.Parsed parsed = Integers.parse(text.getBytes(StandardCharsets.UTF_8));
        if (!parsed.valid() || parsed.value() < 1 || parsed.value() > max) {
            throw new UsageException(what + " must be a number 1.." + max + ", not '" + text + "'");
        }
        return (int) parsed.value();
    }
}
