package io.meridian.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/**
 * Ports for processes that others must know before they start, and that come back at the same port after they were killed. They lie below those
 * that the system gives to outgoing connections, one of which could otherwise take the port of a process that is down for a moment.
 */
final class Ports {
    private static final int FIRST = 18_000;
    private static final int COUNT = 12_000;
    private static final int CONNECT_MILLIS = 2000;
    private static final int ATTEMPTS = 200;
    private static final Random RANDOM = new Random();
    private static final Set<Integer> GIVEN = new HashSet<>();

    private Ports() {}

    /** Nobody listens there now, and nobody has got it from here before. */
    static synchronized int free() {
        for (int i = 0; i < ATTEMPTS; i++) {
            int port = FIRST + RANDOM.nextInt(COUNT);
            if (!GIVEN.contains(port) && isFree(port)) {
                GIVEN.add(port);
                return port;
            }
        }
        throw new IllegalStateException("no free port found");
    }

    static String freeAddress() {
        return "127.0.0.1:" + free();
    }

    /** Whether somebody listens at HOST:PORT, the host being an IP address. */
    static boolean accepts(String address) {
        try (Socket socket = connect(address)) {
            return socket.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }

    static Socket connect(String address) throws IOException {
        int colon = address.lastIndexOf(':');
        Socket socket = new Socket();
        try {
            socket.connect(
                    new InetSocketAddress(
                            InetAddress.ofLiteral(address.substring(0, colon)),
                            Integer.parseInt(address.substring(colon + 1))),
                    CONNECT_MILLIS);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
