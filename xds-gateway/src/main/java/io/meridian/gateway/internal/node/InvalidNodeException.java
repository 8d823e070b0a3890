package io.meridian.gateway.internal.node;

/** A node that is not one of Istio's; the message says what is wrong with which field, for the client. */
public final class InvalidNodeException extends Exception {
    private static final long serialVersionUID = 1;

    InvalidNodeException(String message) {
        super(message);
    }
}
