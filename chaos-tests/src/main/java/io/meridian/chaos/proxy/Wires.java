package io.meridian.chaos.proxy;

import java.io.IOException;

/** What joins regions, whatever it is made of, and how it can be cut. Thread-safe. */
public interface Wires {
    /**
     * Nothing that {@code from} sends reaches {@code to}, over whoever's connections, and neither is told.
     *
     * @param forGood what is sent meanwhile is lost, also for connections that live on; where these wires cannot keep it, it is anyway
     */
    void stop(String from, String to, boolean forGood) throws IOException, InterruptedException;

    /** What becomes of that which is sent meanwhile, in words. */
    String fate(boolean forGood);

    /** No fault any more. */
    void heal() throws IOException, InterruptedException;
}
