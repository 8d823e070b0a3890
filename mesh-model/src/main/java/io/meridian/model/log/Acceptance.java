package io.meridian.model.log;

import io.meridian.model.position.Epoch;

/** What a replica says to an envelope that is offered to it. The rule of docs/replication.md, decided in one turn of the log's owner. */
public sealed interface Acceptance {
    /** It is the next event; append it. */
    record Append() implements Acceptance {}

    /** It is already there, with the same hash; acknowledge and drop. */
    record Duplicate() implements Acceptance {}

    /** Events before it are missing; fetch from {@code expectedSeq}. */
    record Gap(long expectedSeq) implements Acceptance {}

    /** This region promised a higher epoch than that of the region that offers. */
    record StaleEpoch(Epoch promised) implements Acceptance {}

    /**
     * It opens a segment behind {@code forkSeq} of a branch that goes on to a later epoch than the own head's: what is stored after that leaves the
     * current branch, and this event takes its place. A later epoch always wins: who opened it had the promises for it. The segment itself may be of
     * an earlier epoch, where the later one continues what the own branch went on without.
     */
    record Fork(long forkSeq) implements Acceptance {}

    /** It contradicts what is stored, or its bytes contradict its hash. Replication of this mesh stops, loudly. */
    record Conflict(String reason) implements Acceptance {}

    /** Looks up the hash of a stored event, for seqs at or below the head. */
    @FunctionalInterface
    interface StoredHashes {
        Hash at(long seq);
    }

    /**
     * Judges one envelope.
     *
     * @param head the replica's own head: the only cursor there is
     * @param promised the highest epoch that this region promised to; {@link Epoch#NONE} if none
     * @param sourceEpoch of the head of the region that offers: earlier epochs' events come by it too
     * @param stored hashes of what the replica holds, asked only for seqs from 1 to the head's
     */
    static Acceptance judge(Head head, Epoch promised, Epoch sourceEpoch, StoredHashes stored, EventEnvelope offered) {
        if (sourceEpoch.compareTo(promised) < 0) {
            return new StaleEpoch(promised);
        }
        if (!offered.computeHash().equals(offered.hash())) {
            return new Conflict("event " + offered.position() + " does not have the hash that it claims");
        }
        long headSeq = head.position().seq();
        if (offered.seq() <= headSeq) {
            if (stored.at(offered.seq()).equals(offered.hash())) {
                return new Duplicate();
            }
            return leadsToLaterEpoch(head, sourceEpoch, stored, offered)
                    ? new Fork(offered.seq() - 1)
                    : new Conflict(
                            "event " + offered.position() + " differs from the one stored at seq " + offered.seq());
        }
        if (offered.seq() > headSeq + 1) {
            return new Gap(headSeq + 1);
        }
        if (offered.epoch().compareTo(head.position().epoch()) < 0) {
            return new Conflict(
                    "event " + offered.position() + " is of an older epoch than the head " + head.position());
        }
        if (!offered.prevHash().equals(head.hash())) {
            return new Conflict("event " + offered.position() + " does not continue the head " + head.position());
        }
        return new Append();
    }

    private static boolean leadsToLaterEpoch(Head head, Epoch sourceEpoch, StoredHashes stored, EventEnvelope offered) {
        Hash before = offered.seq() == 1 ? Hash.ZERO : stored.at(offered.seq() - 1);
        return offered.opensSegment()
                && sourceEpoch.compareTo(head.position().epoch()) > 0
                && offered.prevHash().equals(before);
    }
}
