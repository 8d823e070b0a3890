package io.meridian.gateway.internal.ads;

import io.grpc.Status;
import io.meridian.gateway.internal.feed.MeshFollower;
import io.meridian.model.position.MeshId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;

/**
 * The meshes that this gateway follows, and the rule by which a stream comes to its mesh: the one that its node names; without a name, or
 * with one that is not known, the only one there is. Thread-safe.
 */
public final class MeshTable {
    private static final int NAMES_IN_MESSAGE = 10;

    /** Where a stream belongs. */
    sealed interface Route {
        record To(MeshFollower mesh, boolean byName) implements Route {}

        /** It cannot be told yet. {@code otherwise}: how the stream ends if it never can. */
        record Wait(Status otherwise) implements Route {}

        record Refused(Status status) implements Route {}
    }

    private final FollowerFactory followers;
    private final ConcurrentHashMap<MeshId, MeshFollower> meshes = new ConcurrentHashMap<>();
    private final CopyOnWriteArraySet<Runnable> listeners = new CopyOnWriteArraySet<>();
    private volatile boolean listed;

    /** Makes a follower, not started, that calls {@code onChange} at each change of its state. */
    @FunctionalInterface
    public interface FollowerFactory {
        MeshFollower create(MeshId mesh, Runnable onChange);
    }

    public MeshTable(FollowerFactory followers) {
        this.followers = followers;
    }

    /**
     * Follows these meshes from now on. None is ever forgotten: a log outlives its mesh, and what is served outlives the core.
     *
     * @param fromCore false for those of which only local copies are known
     */
    public void add(Set<MeshId> found, boolean fromCore) {
        for (MeshId mesh : found) {
            if (!meshes.containsKey(mesh)) {
                MeshFollower follower = followers.create(mesh, this::changed);
                meshes.put(mesh, follower);
                follower.start();
            }
        }
        listed |= fromCore;
        changed();
    }

    private void changed() {
        listeners.forEach(Runnable::run);
    }

    /** {@code listener} must not block; idempotent. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    public List<MeshFollower> all() {
        return List.copyOf(meshes.values());
    }

    /** Whether what can be served is served: the list is known, or copies are, and each mesh is caught up, loaded or stuck for good. */
    public boolean ready() {
        if (meshes.isEmpty()) {
            return listed;
        }
        return meshes.values().stream()
                .allMatch(mesh -> mesh.available() || mesh.state() == MeshFollower.State.UNREADABLE);
    }

    Route route(String name) {
        Optional<MeshFollower> named =
                MeshId.isValid(name) ? Optional.ofNullable(meshes.get(new MeshId(name))) : Optional.empty();
        if (named.isPresent()) {
            return new Route.To(named.get(), true);
        }
        List<MeshFollower> alive =
                meshes.values().stream().filter(mesh -> !mesh.deleted()).toList();
        if (alive.size() == 1) {
            return new Route.To(alive.getFirst(), false);
        }
        if (alive.isEmpty()) {
            return new Route.Wait(
                    listed
                            ? Status.NOT_FOUND.withDescription("this gateway serves no mesh" + wanted(name))
                            : Status.UNAVAILABLE.withDescription(
                                    "this gateway has not heard yet which meshes there are" + wanted(name)));
        }
        Status several = (name.isEmpty() ? Status.INVALID_ARGUMENT : Status.NOT_FOUND)
                .withDescription("node metadata MESH_ID must name one of the meshes " + names(alive) + wanted(name));
        boolean unsure = alive.stream().anyMatch(mesh -> mesh.state() == MeshFollower.State.WAITING);
        return unsure || !listed ? new Route.Wait(several) : new Route.Refused(several);
    }

    /** Whether a mesh of that name is followed. */
    boolean knows(String name) {
        return MeshId.isValid(name) && meshes.containsKey(new MeshId(name));
    }

    private static String wanted(String name) {
        return name.isEmpty() ? "" : "; the node asks for '" + name + "'";
    }

    private static String names(List<MeshFollower> alive) {
        List<String> names = alive.stream()
                .map(mesh -> mesh.mesh().value())
                .sorted()
                .limit(NAMES_IN_MESSAGE)
                .toList();
        return String.join(", ", names) + (alive.size() > NAMES_IN_MESSAGE ? ", ..." : "");
    }
}
