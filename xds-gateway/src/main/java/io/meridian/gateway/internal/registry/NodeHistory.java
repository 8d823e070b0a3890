package io.meridian.gateway.internal.registry;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How often each node opened a stream lately, and how its last one ended: what tells a client that connects in a loop. Remembers the
 * {@link #MOST_NODES} nodes that were heard of last. Thread-safe.
 */
final class NodeHistory {
    static final int MOST_NODES = 4096;
    private static final int SLOTS = 12;
    private static final long SLOT_MS = 5_000;
    private static final int MOST_COUNTED = 1_000;

    /** @param lastEnd empty if no stream of it has ended */
    record Past(int streamsLastMinute, String lastEnd, long lastEndAtMs) {
        static final Past NONE = new Past(0, "", 0);
    }

    private static final class Node {
        private final int[] opened = new int[SLOTS];
        private long newestSlot;
        private String lastEnd = "";
        private long lastEndAtMs;

        private void moveTo(long slot) {
            for (long passed = Math.max(newestSlot + 1, slot - SLOTS + 1); passed <= slot; passed++) {
                opened[(int) (passed % SLOTS)] = 0;
            }
            newestSlot = Math.max(newestSlot, slot);
        }
    }

    private final Map<ProxyRegistry.Key, Node> nodes = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ProxyRegistry.Key, Node> eldest) {
            return size() > MOST_NODES;
        }
    };

    synchronized void opened(ProxyRegistry.Key key, long nowMs) {
        Node node = nodes.computeIfAbsent(key, k -> new Node());
        node.moveTo(nowMs / SLOT_MS);
        int slot = (int) (node.newestSlot % SLOTS);
        node.opened[slot] = Math.min(node.opened[slot] + 1, MOST_COUNTED);
    }

    synchronized void ended(ProxyRegistry.Key key, String how, long nowMs) {
        Node node = nodes.get(key);
        if (node != null) {
            node.lastEnd = how;
            node.lastEndAtMs = nowMs;
        }
    }

    synchronized Past of(ProxyRegistry.Key key, long nowMs) {
        @Nullable Node node = nodes.get(key);
        if (node == null) {
            return Past.NONE;
        }
        node.moveTo(nowMs / SLOT_MS);
        int sum = 0;
        for (int count : node.opened) {
            sum += count;
        }
        return new Past(Math.min(sum, MOST_COUNTED), node.lastEnd, node.lastEndAtMs);
    }
}
