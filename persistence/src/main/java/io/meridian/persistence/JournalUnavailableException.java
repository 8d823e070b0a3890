package io.meridian.persistence;

/**
 * The journal's database cannot be reached or does not do what it is asked; nothing is known to be wrong with what it stores. It may work the next
 * time.
 */
public final class JournalUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public JournalUnavailableException(String message) {
        super(message);
    }

    public JournalUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
