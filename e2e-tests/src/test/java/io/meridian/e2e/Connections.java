package io.meridian.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/** TCP connections to HOST:PORT, the host being an IP address. */
final class Connections {
    private static final int CONNECT_MILLIS = 2000;

    private Connections() {}

    /** Whether somebody listens there. */
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
}
