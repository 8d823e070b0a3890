package io.meridian.testsupport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/**
 * Ports that others must know before they are listened at, and that are listened at again after a process was killed. They lie below those
 * that the system gives to outgoing connections, one of which could otherwise take the port of a process that is down for a moment. Thread-safe.
 */
public final class Ports {
    private static final int FIRST = 18_000;
    private static final int COUNT = 12_000;
    private static final int ATTEMPTS = 200;
    private static final Random RANDOM = new Random();
    private static final Set<Integer> GIVEN = new HashSet<>();

    private Ports() {}

    /** On the loopback address nobody listens there now, and nobody in this process has got it from here before. Throws IllegalStateException if there is none. */
    public static synchronized int free() {
        for (int i = 0; i < ATTEMPTS; i++) {
            int port = FIRST + RANDOM.nextInt(COUNT);
            if (!GIVEN.contains(port) && isFree(port)) {
                GIVEN.add(port);
                return port;
            }
        }
        throw new IllegalStateException("no free port found");
    }

    /** {@link #free} as HOST:PORT of the loopback address. */
    public static String freeAddress() {
        return "127.0.0.1:" + free();
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
