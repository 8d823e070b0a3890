package io.meridian.chaos.proxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The way by which one region connects to another: a listening address that stands for the other's, and what happens to connections made
 * there. Thread-safe. A connection has bytes both ways: forward from the region that connected, backward from the one that it connected to.
 */
public final class Link implements AutoCloseable {
    /** How new connections are met. */
    public enum Door {
        OPEN,
        /** Nobody listens. */
        REFUSE,
        /** Accepted, and never answered; such connections are reset when the door opens again. */
        HALF_OPEN
    }

    public enum Way {
        FORWARD,
        BACKWARD
    }

    private static final int CONNECT_MILLIS = 5000;
    private static final int BACKLOG = 64;

    private final InetSocketAddress listen;
    private final InetSocketAddress target;
    /** Where connections really go: to the target, or by something that stands before it. */
    private volatile InetSocketAddress next;

    private final Gate forward = new Gate();
    private final Gate backward = new Gate();
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final Set<Socket> unanswered = ConcurrentHashMap.newKeySet();
    private final AtomicLong accepted = new AtomicLong();
    /** Guards what follows. */
    private final ReentrantLock lock = new ReentrantLock();

    private ServerSocket socket;
    /** Completed when nobody waits at the socket any more. */
    private CompletableFuture<Void> listening;

    private volatile Door door = Door.OPEN;
    private volatile boolean closed;

    /**
     * Listens at once.
     *
     * @param port at 127.0.0.1; 0 for any
     * @param target port at 127.0.0.1 to connect to
     */
    public Link(int port, int target) throws IOException {
        this.target = new InetSocketAddress(InetAddress.getLoopbackAddress(), target);
        next = this.target;
        socket = listening(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        listen = new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
        listening = accept(socket, this::accepted);
    }

    private static ServerSocket listening(InetSocketAddress address) throws IOException {
        ServerSocket socket = new ServerSocket();
        try {
            socket.setReuseAddress(true);
            socket.bind(address, BACKLOG);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    public int port() {
        return listen.getPort();
    }

    /** The port that connections are for. */
    public int target() {
        return target.getPort();
    }

    /** New connections go to that port of 127.0.0.1; present ones that do not are reset. Healing changes nothing about it. */
    public void goBy(int port) {
        go(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    /** New connections go to the target itself; present ones that do not are reset. */
    public void goStraight() {
        go(target);
    }

    private void go(InetSocketAddress address) {
        if (!address.equals(next)) {
            next = address;
            reset();
        }
    }

    /** Connections that were made to it so far. */
    public long accepted() {
        return accepted.get();
    }

    /** Connections that are open through it now. */
    public int open() {
        return connections.size();
    }

    private static CompletableFuture<Void> accept(ServerSocket listener, Consumer<Socket> client) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        Thread.ofVirtual().name("link-" + listener.getLocalPort()).start(() -> {
            try {
                while (true) {
                    client.accept(listener.accept());
                }
            } catch (IOException e) {
                // Closed by the door or by the end; anything else shows in what cannot connect.
                end.complete(null);
            }
        });
        return end;
    }

    private void accepted(Socket client) {
        accepted.incrementAndGet();
        Thread.ofVirtual().start(() -> connect(client));
    }

    /** With the lock. Afterwards the system refuses connections: it does so only once nobody waits for one any more. */
    private void stopListening() throws IOException {
        socket.close();
        listening.join();
    }

    private void connect(Socket client) {
        if (door != Door.OPEN) {
            unanswered.add(client);
            // The door may have opened meanwhile.
            if (door == Door.OPEN || closed) {
                resetUnanswered();
            }
            return;
        }
        Socket server = new Socket();
        InetSocketAddress address = next;
        try {
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            server.connect(address, CONNECT_MILLIS);
        } catch (IOException refused) {
            reset(server);
            reset(client);
            return;
        }
        Connection connection = new Connection(client, server, forward, backward, connections::remove);
        connections.add(connection);
        connection.start();
        if (closed || !address.equals(next)) {
            connection.reset();
        }
    }

    private static void reset(Socket socket) {
        Connection.resetOnClose(socket);
        Connection.closeQuietly(socket);
    }

    private void resetUnanswered() {
        for (Socket socket : List.copyOf(unanswered)) {
            if (unanswered.remove(socket)) {
                reset(socket);
            }
        }
    }

    /** For all connections of that way, present and future. Connections that lost bytes are reset when nothing is swallowed any more. */
    public void traffic(Way way, Traffic traffic) {
        (way == Way.FORWARD ? forward : backward).set(traffic);
        if (!forward.swallows() && !backward.swallows()) {
            connections.stream().filter(Connection::isLossy).toList().forEach(Connection::reset);
        }
    }

    /** For new connections. {@link Door#REFUSE} leaves the present ones alone; {@link #reset} ends those. */
    public void door(Door next) throws IOException {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (next == Door.REFUSE && !socket.isClosed()) {
                stopListening();
            } else if (next != Door.REFUSE && socket.isClosed()) {
                socket = listening(listen);
                listening = accept(socket, this::accepted);
            }
            door = next;
        } finally {
            lock.unlock();
        }
        if (next == Door.OPEN) {
            resetUnanswered();
        }
    }

    /** Ends all present connections with a reset of both sides. */
    public void reset() {
        Set.copyOf(connections).forEach(Connection::reset);
    }

    /** No fault any more. */
    public void heal() throws IOException {
        traffic(Way.FORWARD, Traffic.CLEAR);
        traffic(Way.BACKWARD, Traffic.CLEAR);
        door(Door.OPEN);
    }

    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            closed = true;
            stopListening();
        } finally {
            lock.unlock();
        }
        reset();
        resetUnanswered();
    }
}
