-- Substring search. Without the extension (or the right to make it) search still works, by reading every message.
DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;
EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE 'pg_trgm cannot be installed: message search will be slow';
END $$;
DO $$ BEGIN
    CREATE INDEX messages_content_trigrams ON messages USING gin (content public.gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE 'pg_trgm is missing: message search will be slow';
END $$;
