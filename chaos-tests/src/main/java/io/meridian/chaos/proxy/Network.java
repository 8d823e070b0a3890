package io.meridian.chaos.proxy;

import io.meridian.chaos.proxy.Link.Way;
import io.meridian.chaos.relay.Disorder;
import io.meridian.chaos.relay.Odds;
import io.meridian.chaos.relay.Relay;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The links between regions, one for each ordered pair. What goes from A to B is what A sends on connections that it made to B, and what it
 * answers on those that B made to it. Thread-safe once all links are there.
 */
public final class Network implements Wires, AutoCloseable {
    private record Pair(String from, String to) {}

    private final Map<Pair, Link> links = new LinkedHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock. */
    private final Map<Pair, Relay> relays = new HashMap<>();

    /** The way by which {@code from} connects to {@code to}. */
    public void add(String from, String to, Link link) {
        links.put(new Pair(from, to), link);
    }

    public Link link(String from, String to) {
        Link link = links.get(new Pair(from, to));
        if (link == null) {
            throw new IllegalArgumentException("no link from " + from + " to " + to);
        }
        return link;
    }

    /**
     * A relay before {@code to}, made when it is first asked for. Connections go by it once the link says so, and it changes nothing unless told to.
     *
     * @param seed of what it will choose, if it is made now
     */
    public Relay relay(String from, String to, long seed) throws IOException {
        Pair pair = new Pair(from, to);
        int target = link(from, to).target();
        lock.lock();
        try {
            Relay relay = relays.get(pair);
            if (relay == null) {
                relay = new Relay(target, new Disorder(Odds.NONE, seed));
                relays.put(pair, relay);
            }
            return relay;
        } finally {
            lock.unlock();
        }
    }

    public Collection<Link> links() {
        return List.copyOf(links.values());
    }

    /** All that region {@code from} sends to region {@code to}, over whoever's connections. */
    public void traffic(String from, String to, Traffic traffic) {
        link(from, to).traffic(Way.FORWARD, traffic);
        link(to, from).traffic(Way.BACKWARD, traffic);
    }

    @Override
    public void stop(String from, String to, boolean forGood) {
        traffic(from, to, forGood ? Traffic.SWALLOWED : Traffic.HELD);
    }

    @Override
    public String fate(boolean forGood) {
        return forGood ? "bytes are lost" : "bytes wait";
    }

    @Override
    public void heal() throws IOException {
        for (Link link : links.values()) {
            link.heal();
        }
    }

    @Override
    public void close() throws IOException {
        List<IOException> failures = new ArrayList<>();
        for (Link link : links.values()) {
            try {
                link.close();
            } catch (IOException e) {
                failures.add(e);
            }
        }
        lock.lock();
        try {
            relays.values().forEach(Relay::close);
        } finally {
            lock.unlock();
        }
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
    }
}
