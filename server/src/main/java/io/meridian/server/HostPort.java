package io.meridian.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/**
 * An address to listen on or to connect to.
 *
 * @param host a name or a numeric address; IPv6 without brackets
 * @param port 0 (any, to listen on) to 65535
 */
record HostPort(String host, int port) {
    private static final int MAX_PORT = 65535;

    /** Throws {@link ConfigurationException} that names {@code key} unless {@code text} is HOST:PORT. */
    static HostPort parse(String key, String text) {
        int colon = text.lastIndexOf(':');
        String host = colon <= 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        int port;
        try {
            port = Integer.parseInt(text.substring(colon + 1));
        } catch (NumberFormatException e) {
            port = -1;
        }
        if (host.isEmpty() || port < 0 || port > MAX_PORT) {
            throw new ConfigurationException(
                    key + ": '" + text + "' is not HOST:PORT with a port from 0 to " + MAX_PORT);
        }
        return new HostPort(host, port);
    }

    /** A bound address. */
    static HostPort of(InetSocketAddress address) {
        return new HostPort(address.getAddress().getHostAddress(), address.getPort());
    }

    /** With a free port in place of 0: for what has to know its address before it listens. */
    HostPort withPort() throws IOException {
        if (port != 0) {
            return this;
        }
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(toSocketAddress());
            return new HostPort(host, probe.getLocalPort());
        }
    }

    InetSocketAddress toSocketAddress() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
