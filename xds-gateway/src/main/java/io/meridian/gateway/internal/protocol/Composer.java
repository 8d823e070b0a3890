package io.meridian.gateway.internal.protocol;

import io.meridian.compiler.XdsResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the next response of what is due in a draft, which then counts as told. */
final class Composer {
    private final Draft draft;
    private final int chunkBytes;
    private final List<XdsResource> resources = new ArrayList<>();
    private final List<String> removed = new ArrayList<>();
    private final List<String> changed = new ArrayList<>();
    private final List<String> looked = new ArrayList<>();
    private final List<String> gone = new ArrayList<>();
    private int bytes;

    Composer(Draft draft, int chunkBytes) {
        this.draft = draft;
        this.chunkBytes = chunkBytes;
    }

    /** Names of which there is no way to say that they are gone. */
    List<String> gone() {
        return gone;
    }

    /** The next delta response; null if nothing has to be said after all. */
    @Nullable
    Batch delta(boolean removalsAllowed) {
        for (Map.Entry<String, Boolean> entry : draft.due().entrySet()) {
            String name = entry.getKey();
            XdsResource wanted = draft.current(name);
            if (wanted == null) {
                if (bytes > chunkBytes) {
                    break;
                }
                if (entry.getValue()) {
                    removed.add(name);
                    draft.removedNow(name);
                    bytes += name.length();
                } else if (draft.held(name) != null) {
                    draft.removeLater(name);
                }
            } else if (!add(wanted, entry.getValue(), wanted.delta().size())) {
                break;
            }
            looked.add(name);
        }
        draft.looked(looked);
        if (removalsAllowed && draft.due().isEmpty()) {
            removed.addAll(draft.removals());
            draft.removedAll();
        }
        return finish();
    }

    /** The next response of a type that may be told in parts; null if nothing has to be said after all. */
    @Nullable
    Batch part() {
        for (Map.Entry<String, Boolean> entry : draft.due().entrySet()) {
            String name = entry.getKey();
            XdsResource wanted = draft.current(name);
            if (wanted == null) {
                // There is no way to say so; the client drops it with what referred to it.
                gone.add(name);
            } else if (!add(wanted, entry.getValue(), wanted.any().size())) {
                break;
            }
            looked.add(name);
        }
        draft.looked(looked);
        gone.forEach(name -> draft.note(name, null));
        return finish();
    }

    /** Adds it if it has to be told; false if it does not fit. */
    private boolean add(XdsResource wanted, boolean always, int size) {
        boolean fresh = !draft.holds(wanted);
        if (!always && !fresh) {
            return true;
        }
        if (bytes > 0 && bytes + size > chunkBytes) {
            return false;
        }
        bytes += size;
        if (fresh) {
            changed.add(wanted.name());
        }
        resources.add(wanted);
        return true;
    }

    /** The next response of a type of which absence deletes; null if nothing has to be said after all. */
    @Nullable
    Batch complete(boolean removalsAllowed) {
        boolean answer = draft.answerOwed();
        List<XdsResource> updates = new ArrayList<>();
        for (Map.Entry<String, Boolean> entry : draft.due().entrySet()) {
            String name = entry.getKey();
            XdsResource wanted = draft.current(name);
            answer |= entry.getValue();
            if (wanted == null) {
                if (draft.held(name) != null) {
                    draft.removeLater(name);
                }
            } else if (!draft.holds(wanted)) {
                updates.add(wanted);
                changed.add(name);
            }
            looked.add(name);
        }
        draft.looked(looked);
        List<String> absent = removalsAllowed ? List.copyOf(draft.removals()) : List.of();
        List<XdsResource> retained = new ArrayList<>();
        if (removalsAllowed) {
            draft.removedAll();
        } else {
            draft.removals().forEach(name -> retained.add(held(name)));
        }
        boolean nothing = !answer && updates.isEmpty() && absent.isEmpty();
        resources.addAll(draft.wanted());
        resources.addAll(retained);
        updates.forEach(resource -> draft.note(resource.name(), resource));
        absent.forEach(name -> draft.note(name, null));
        draft.answered();
        return nothing ? null : new Batch(draft.type, resources, List.of(), changed);
    }

    private XdsResource held(String name) {
        XdsResource resource = draft.held(name);
        if (resource == null) {
            throw new IllegalStateException("a removal is due of " + name + ", which the client does not hold");
        }
        return resource;
    }

    private @Nullable Batch finish() {
        boolean nothing = resources.isEmpty() && removed.isEmpty() && !draft.answerOwed();
        resources.forEach(resource -> draft.note(resource.name(), resource));
        removed.forEach(name -> draft.note(name, null));
        draft.answered();
        return nothing ? null : new Batch(draft.type, resources, removed, changed);
    }
}
