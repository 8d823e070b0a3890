package io.meridian.core;

/** This region cannot tell a mesh's state now: its log is damaged or cannot be read here, or the mesh moves to another node. The message says which. */
public final class MeshUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public MeshUnavailableException(String message) {
        super(message);
    }
}
