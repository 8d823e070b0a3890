package io.meridian.chaos.simulation;

import io.meridian.core.protocol.PeerView;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What one region has heard of the others in this life: their heads, their promises, and when. */
final class PeerTable {
    /** A peer counts as unreachable after so long without a word. */
    static final long SILENCE_MILLIS = 5_000;

    /**
     * What a member says of itself, all of it each time.
     *
     * @param life which of its lives says so
     * @param number grows within a life: older words that come late are dropped, as a stream would
     */
    record Word(int life, long number, Head head, Epoch promised) {}

    private final Member self;
    private final Word[] words;
    private final long[] heardAtMillis;

    PeerTable(Member self, int members) {
        this.self = self;
        words = new Word[members];
        heardAtMillis = new long[members];
    }

    /** False if it is older than what is known. */
    boolean hear(int from, Word word) {
        Word known = words[from];
        if (known != null
                && (word.life() < known.life() || (word.life() == known.life() && word.number() <= known.number()))) {
            return false;
        }
        words[from] = word;
        heardAtMillis[from] = self.clock.monotonicMillis();
        return true;
    }

    boolean isReachable(int place) {
        return words[place] != null && self.clock.monotonicMillis() - heardAtMillis[place] < SILENCE_MILLIS;
    }

    Optional<Head> head(int place) {
        return Optional.ofNullable(words[place]).map(Word::head).filter(head -> !head.isEmpty());
    }

    List<PeerView> views() {
        List<PeerView> views = new ArrayList<>(words.length);
        for (int place = 0; place < words.length; place++) {
            if (place != self.place) {
                Region member = self.world.member(place);
                Word word = words[place];
                views.add(new PeerView(
                        member.id,
                        member.isWitness(),
                        isReachable(place),
                        word != null,
                        head(place),
                        word == null ? Epoch.NONE : word.promised(),
                        member.isInReserve()));
            }
        }
        return views;
    }
}
