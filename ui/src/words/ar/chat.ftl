# الدردشة والملفات والتسميات التوضيحية.

you = أنت
chat-title = الدردشة
chat-save = حفظ الدردشة
chat-not-saved = تعذّر حفظ الدردشة.
chat-earlier = لم تعد الرسائل الأقدم محفوظة.
chat-omitted =
    { $count ->
        [zero] عُرضت كل رسائل { $name }.
        [one] لم تُعرض رسالة واحدة من { $name }: كانت الرسائل تصل بسرعة كبيرة.
        [two] لم تُعرض رسالتان من { $name }: كانت الرسائل تصل بسرعة كبيرة.
        [few] لم تُعرض { $count } رسائل من { $name }: كانت تصل بسرعة كبيرة.
        [many] لم تُعرض { $count } رسالة من { $name }: كانت تصل بسرعة كبيرة.
       *[other] لم تُعرض { $count } رسالة من { $name }: كانت تصل بسرعة كبيرة.
    }
chat-empty = لا توجد رسائل بعد.
chat-empty-words = يستطيع جميع المشاركين قراءة ما يُكتب هنا.
chat-latest = إلى أحدث رسالة
chat-to = إلى
chat-everyone = الجميع
chat-gone = شخص غادر
chat-reply-to = الرد على { $name }
chat-reply-to-oneself = الرد على نفسك
chat-no-reply = إلغاء الرد
chat-too-long = هذا أطول من أن يكون رسالة واحدة.
chat-file-empty = الملف { $file } فارغ.
chat-file-too-large = الملف { $file } كبير جدًا: { $size } على الأكثر.
chat-file-send = إرسال ملف
chat-message = الرسالة
chat-hint-closed = لا يُسمح لك بالكتابة في هذا الاجتماع
chat-hint-gone = لم يعد هذا الشخص هنا
chat-hint-everyone = رسالة إلى الجميع
chat-send = إرسال
chat-private-to = إلى { $name } فقط
chat-private = إليك وحدك
chat-not-here = رسالة غير متاحة هنا
chat-sending = جارٍ الإرسال…
chat-not-sent = لم تُرسل.
chat-again = إعادة الإرسال
chat-unfold = عرض الكل
emoji-add = إضافة رمز تعبيري
emoji = الرموز التعبيرية

chat-text-omitted =
    { $count ->
        [zero] (عُرضت كل رسائل { $name })
        [one] (لم تُعرض رسالة واحدة من { $name })
        [two] (لم تُعرض رسالتان من { $name })
        [few] (لم تُعرض { $count } رسائل من { $name })
        [many] (لم تُعرض { $count } رسالة من { $name })
       *[other] (لم تُعرض { $count } رسالة من { $name })
    }
chat-text-private-to = (إلى { $name } فقط)
chat-text-private = (إليك وحدك)
chat-text-not-sent = (لم تُرسل)

file-size-bytes =
    { $count ->
        [zero] { $count } بايت
        [one] بايت واحد
        [two] { $count } بايت
        [few] { $count } بايت
        [many] { $count } بايت
       *[other] { $count } بايت
    }
file-size-kb = { $size } كيلوبايت
file-size-mb = { $size } ميغابايت
file-on-its-way =
    { $count ->
        [zero] { $size }
        [one] { $size }، في الطريق إلى شخص واحد
        [two] { $size }، في الطريق إلى شخصين
        [few] { $size }، في الطريق إلى { $count } أشخاص
        [many] { $size }، في الطريق إلى { $count } شخصًا
       *[other] { $size }، في الطريق إلى { $count } شخص
    }
file-waiting = في الانتظار…
file-part = { $received } من { $size }
file-failed = لم يصل.
file-taken-back = سحبتَه.
file-gone = لم يعد متاحًا.
file-get = تنزيل
file-get-named = تنزيل { $file }
file-again = إعادة المحاولة
file-cancel = إلغاء: { $file }
file-take-back = سحب: { $file }
file-save = حفظ { $file }
file-arrives = يصل الآن: { $file }
file-saved = تم الحفظ: { $place }
file-not-saved = تعذّر الحفظ.

captions = التسميات التوضيحية
captions-none = لا توجد تسميات في هذا الاجتماع بعد.
transcript-title = النص المدوَّن
transcript-save = حفظ النص المدوَّن
transcript-not-saved = تعذّر حفظ النص المدوَّن.
transcript-label = ما قيل
transcript-earlier = لم تعد التسميات الأقدم محفوظة.
transcript-empty = يمكن قراءة تسميات هذا الاجتماع هنا ما دمت فيه.
transcript-file = { $title }، النص المدوَّن { $time }
