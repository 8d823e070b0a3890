package io.meridian.core.protocol;

import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import java.util.Optional;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/** The hashes of a log's newest events, so that duplicates and acknowledgements are judged without reading. Immutable. */
record RecentHashes(PSortedMap<Long, Hash> bySeq) {
    /** About 1 MiB per mesh at most. */
    static final int CAPACITY = 8192;

    static final RecentHashes EMPTY = new RecentHashes(TreePMap.empty());

    RecentHashes plus(Head head) {
        PSortedMap<Long, Hash> next = bySeq.plus(head.position().seq(), head.hash());
        return new RecentHashes(next.size() > CAPACITY ? next.minus(next.firstKey()) : next);
    }

    /** Without what is behind {@code seq}. */
    RecentHashes upTo(long seq) {
        PSortedMap<Long, Hash> next = bySeq;
        while (!next.isEmpty() && next.lastKey() > seq) {
            next = next.minus(next.lastKey());
        }
        return new RecentHashes(next);
    }

    Optional<Hash> at(long seq) {
        return Optional.ofNullable(bySeq.get(seq));
    }
}
