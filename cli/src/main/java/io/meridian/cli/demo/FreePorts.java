package io.meridian.cli.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Picks ports that nobody listens on. What is free now may be taken before it is used; whoever listens then says so. Not thread-safe. */
final class FreePorts {
    private static final int MAX_PORT = 65535;
    private static final int STEP = 1000;
    private static final int ATTEMPTS = 12;
    private static final int FIRST_BLOCK = 20;
    private static final int LAST_BLOCK = 120;

    private final Set<Integer> given = new HashSet<>();

    /** {@code preferred} if it is free at all addresses, else one a thousand or several further on. */
    int take(int preferred) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = preferred + attempt * STEP;
            if (port <= MAX_PORT && !given.contains(port) && isFree(new InetSocketAddress(port))) {
                given.add(port);
                return port;
            }
        }
        throw new DemoException("port " + preferred + " is taken, and so are those that could stand in for it");
    }

    /**
     * A block of loopback addresses, "127.0.20.", none of whose {@code hosts} is listened on at {@code port}.
     *
     * @param preferred tried first
     */
    static String takeBlock(String preferred, List<Integer> hosts, int port) {
        if (isFree(preferred, hosts, port)) {
            return preferred;
        }
        for (int block = FIRST_BLOCK; block <= LAST_BLOCK; block++) {
            String candidate = "127.0." + block + ".";
            if (isFree(candidate, hosts, port)) {
                return candidate;
            }
        }
        throw new DemoException("port " + port
                + " is taken at all loopback addresses, perhaps by a program that listens at" + " 0.0.0.0:" + port
                + "; Bookinfo's services know each other by that port, so it has to be freed");
    }

    private static boolean isFree(String block, List<Integer> hosts, int port) {
        return hosts.stream().allMatch(host -> isFree(loopback(block + host, port)));
    }

    private static InetSocketAddress loopback(String address, int port) {
        String[] parts = address.split("\\.", -1);
        byte[] bytes = new byte[parts.length];
        for (int i = 0; i < parts.length; i++) {
            bytes[i] = (byte) Integer.parseInt(parts[i]);
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
        } catch (IOException e) {
            throw new IllegalArgumentException(address, e);
        }
    }

    private static boolean isFree(InetSocketAddress address) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(address);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
