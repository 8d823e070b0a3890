package io.meridian.compiler.internal.graph;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;

/**
 * Some neighbours of a long sorted list, as a component of a query's key: what is computed of the list is computed by chunks, so that a change of
 * one member recomputes its chunk only. Immutable, with value equality and a hash that is computed once.
 *
 * @param <T> immutable, with value equality
 */
public final class Chunk<T> implements Iterable<T> {
    private static final int MIN_MEMBERS = 8;
    private static final int MEAN_MEMBERS_BEYOND = 24;
    private static final int MAX_MEMBERS = 128;

    private final List<T> members;
    private final int hash;

    private Chunk(List<T> members) {
        this.members = List.copyOf(members);
        this.hash = this.members.hashCode();
    }

    /**
     * Divides a list by the names of its members and nothing else, so that the same list is always divided the same way, and a member that comes
     * or goes changes the chunk that it is in, at most a few more. Neighbours of one name stay together.
     */
    public static <T> List<Chunk<T>> split(Iterable<T> items, Function<? super T, String> name) {
        List<Chunk<T>> chunks = new ArrayList<>();
        List<T> open = new ArrayList<>();
        String last = "";
        for (T item : items) {
            String own = name.apply(item);
            if (open.size() >= MIN_MEMBERS && !own.equals(last) && (isBoundary(own) || open.size() >= MAX_MEMBERS)) {
                chunks.add(new Chunk<>(open));
                open.clear();
            }
            open.add(item);
            last = own;
        }
        if (!open.isEmpty()) {
            chunks.add(new Chunk<>(open));
        }
        return List.copyOf(chunks);
    }

    private static boolean isBoundary(String name) {
        // String.hashCode is the same everywhere, but its low bits are those of the last character.
        int mixed = name.hashCode() * 0x9E3779B9;
        return Integer.remainderUnsigned(mixed ^ (mixed >>> 16), MEAN_MEMBERS_BEYOND) == 0;
    }

    public List<T> members() {
        return members;
    }

    @Override
    public Iterator<T> iterator() {
        return members.iterator();
    }

    @Override
    public boolean equals(Object other) {
        return this == other || (other instanceof Chunk<?> that && hash == that.hash && members.equals(that.members));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return members.toString();
    }
}
