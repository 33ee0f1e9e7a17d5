"""What mail of programs says of itself, in Kazakh, Russian, Turkish and English: one table of stems a meaning (see
core.lexicon for how they are read).
"""

from __future__ import annotations

from postclerk.core.lexicon import Lexicon

_MEANINGS = {
    "automatic": """
        automat autorespond autorepl robot unattended unmonitored not_monitored computer_generated system_generated
        автомат робот автоответ
        otomatik robot
        автомат робот
        automatisch automatique automático
    """,
    "no_reply": """
        not_reply noreply no_reply don_t_reply do_not_respond not_respond not_answer replies_to_this cannot_reply
        cannot_receive not_monitored unmonitored
        не_отвеча не_нужно_отвеч не_надо_отвеч отвечать_на_него не_требует_ответ отвечать_не_нужно отвечать_не_надо
        yanıtlama cevaplama yanıt_vermey cevap_vermey
        жауап_берме жауап_қайтарма жауап_жазба жауап_беруді_қажет
        nicht_antworten ne_pas_répondre no_responda
    """,
    "this_message": """
        this_mail this_email this_message this_notification this_letter mail_is message_is this_is
        это_письмо это_сообщение данное_письмо данное_сообщение этого_письма письмо_сформ письмо_отправ
        сообщение_сформ сообщение_отправ письмо_созда сообщение_созда настоящ_письмо уведомление_отправ
        bu_eposta bu_ileti bu_mesaj bu_posta bu_mail bu_bildirim bu_elektronik
        бұл_хат бұл_хабар осы_хат осы_хабар бұл_email бұл_электрон хабарлама_автомат хат_автомат
        diese_mail diese_nachricht ce_message este_mensaje
    """,
    "you_receive": """
        you_are_receiving you_re_receiving you_received_this you_have_received_this you_receive_this receiving_this
        you_were_sent was_sent_to sent_to_you_because you_get_this you_are_subscribed you_subscribed
        because_you_are because_you_have
        вы_получили_это вы_получаете вы_подпис вы_получили_письмо получили_данное так_как_вы потому_что_вы
        поскольку_вы было_отправлено_вам
        bu_epostayı_al aldınız_çünkü alıyorsunuz abone_olduğunuz tarafınıza_gönder size_gönderil nedeniyle_aldınız
        сіз_бұл_хатты бұл_хатты_алу хатты_алып жазылғаныңыз жазылғандықтан сізге_жіберіл
        sie_erhalten vous_recevez vous_avez_reçu recibió_este
    """,
    "unsubscribe": """
        unsubscri opt_out optout stop_receiving
        be_removed_from removed_from_our remove_me no_longer_wish no_longer_want remove_yourself leave_this_list
        not_wish_to_receive not_want_to_receive stop_these
        отпис отказаться_от_рассыл отказаться_от_получ отказаться_от_подпис отменить_подпис отказаться_от_пис
        не_хотите_получ не_хотите_больше_получ больше_не_получ больше_не_присыл не_присылать не_актуальн неактуальн
        отменить_рассыл
        abonelikten_çık abonelikten_ayrıl aboneliğinizi_iptal aboneliği_iptal listeden_çık listemizden_çık
        listeden_ayrıl üyelikten_ayrıl almak_istemiyor
        жазылымнан_бас жазылымнан_шығу таратылымнан_шығу хат_алудан_бас жазылудан_бас таратылымнан_бас таратудан_бас
        алғыңыз_келмесе хат_алмау тізімнен_шығ
        abmeld abbestell désabonn désinscri suscripción darse_de_baja
    """,
    "preferences": """
        email_preference notification_settings manage_preference mail_preference notification_preference
        subscription_preference manage_subscription manage_your_subscription notifications_settings email_settings
        change_how_often manage_notification
        настройк_уведомл настройки_рассыл настроить_уведомл настройки_оповещ
        bildirim_ayar eposta_tercih bildirim_tercih
        хабарландыру_баптау хабарлама_баптау
    """,
    "in_browser": """
        view_in_browser view_in_your_browser in_your_browser view_online view_this_email read_online web_version
        view_it_online having_trouble_viewing webversion
        веб_верси в_браузере онлайн_верси неправильно_отображ
        tarayıcıda tarayıcınızda web_sürüm görüntüleyemiyor
        браузерде веб_нұсқа
        im_browser navigateur navegador
    """,
    "newsletter": """
        newsletter =issue in_this_issue =edition headlines bulletin digest mailing_list this_week sponsor subscriber
        рассыл дайджест выпуск новости новостн подписчик анонс афиша на_этой_неделе
        bülten haber_bülten abone =sayı haftanın bu_hafta gündem duyuru
        дайджест жаңалық топтама осы_аптада таратылым ақпараттық_хат жазылушы
        rundbrief lettre_d boletín
    """,
    "call": """
        call_for_paper call_for_participation apologies_for_cross cross_posting =cfp submission_deadline
        deadline_extension deadline_extended please_circulate please_distribute please_share_this invite_you_to_submit
        invited_to_submit free_webinar live_webinar join_us_for save_your_seat
        save_your_spot editorial_board your_next_manuscript submissions_are_open registration_is_open
        информационное_письмо приглашаем_принять_участие приглашаем_вас_принять приглашаем_к_участию
        приглашаем_на_бесплатн бесплатный_вебинар бесплатный_семинар ждем_вас_на_вебинар
        просим_распростран просьба_распростран оргвзнос сборник_материал сборник_стат опубликовать_стат прием_работ
        прием_стат прием_заявок международн_конкурс приглашаем_всех приглашаем_посет
        ücretsiz_webinar ücretsiz_seminer ücretsiz_eğitim etkinlik_program
        bildiri_çağrı son_çağrı özet_gönder bildiri_gönder kongre_kayıt katılım_ücret duyurulmasını_rica duyurmanızı
        paylaşmanızı_rica kayıt_formu erken_kayıt sertifikalı
        konferansa_davet kongreye_davet
        конференцияға_қатысуға қатысуға_шақыр мақала_жариялауға таратуыңызды ұйымдастыру_жарна ақпараттық_хат
        қатысу_құны семинар_өткіз өтінім_қабылда тегін_вебинар вебинарға_шақыр
    """,
    "promotion": """
        discount =sale =off save_up special_offer exclusive coupon promo deal shop_now buy_now free_shipping
        black_friday
        best_price limited_time click_here
        скидк распродаж акци промокод кешбэк выгодн купон бесплатн_доставк кэшбэк спецпредлож
        indirim kampanya fırsat kupon ücretsiz_kargo hemen_al
        жеңілдік науқан акция купон тегін_жеткіз
        rabatt angebot promotion oferta
    """,
    "dear_customer": """
        dear_customer dear_user dear_member dear_subscriber dear_client dear_sir_or dear_reader dear_valued
        dear_friend
        hello_user hi_user dear_student dear_colleague
        уважаемый_клиент уважаемый_пользов уважаемый_подпис уважаемый_покуп уважаемые_клиент уважаемые_пользов
        уважаемая_клиент уважаемый_участник дорогой_пользов дорогие_друзья уважаемый_абонент
        sayın_müşteri sayın_kullanıcı sayın_üye değerli_müşteri değerli_üye değerli_kullanıcı sayın_abone
        değerli_abone
        құрметті_клиент құрметті_пайдалан құрметті_қолдан құрметті_тұтын құрметті_абонент
        sehr_geehrter_kund chère_client estimado_cliente
    """,
    "team": """
        team support_team administration administrator customer_service customer_care
        команда администрац служба_поддерж поддержк
        ekibi ekibiniz takımı yönetim destek
        команда ұжым қолдау_қызмет әкімші
    """,
    "rights": """
        all_rights copyright privacy_policy terms_of terms_and
        все_права политик_конфид пользовательск_соглаш
        tüm_hakları gizlilik_polit kullanım_koşul
        барлық_құқық құпиялылық_саясат
        datenschutz impressum
    """,
    "away": """
        out_of_office out_of_the_office out_of_town away_from be_away am_away on_vacation on_holiday on_leave
        annual_leave
        parental_leave maternity_leave be_out_of am_out_of currently_out =ooo currently_unavailable not_in_the_office
        not_available limited_access no_access_to sick_leave on_sabbatical business_trip travelling traveling
        absent currently_away currently_on will_be_on am_on_leave be_unavailable am_unavailable not_be_available
        be_back back_in_the_office am_back not_be_reading not_be_checking not_be_able_to_read
        в_отпуск отсутств вне_офис нет_на_рабоч нет_в_офис в_командиров на_больничн вернусь не_на_месте в_отъезд
        декрет выйду_на_работ не_смогу_ответ не_имею_доступ меня_не_будет
        ofis_dışı ofiste_değil ofiste_olma izindey izinli yıllık_izin tatilde =izinde izinde_ol seyahatte
        görev_başında_ol dışındayım ofiste_bulunma yerimde_ol müsait_değil geri_döneceğim dönüşümde bulunmayaca
        yerimde_olmayaca
        raporluyum iş_seyahat
        демалыста кеңседе_жоқ кеңседен_тыс орнымда_жоқ орнында_бол іссапар жұмыста_бол жұмыста_емес болмаймын
        жұмыс_орнында_бол жоқпын орнымда_бол декрет еңбек_демал
        abwesen nicht_im_büro im_urlaub nicht_im_haus absence absent en_vacances fuera_de_la vacaciones fravær
        semester
    """,
    "instead": """
        urgent emergency in_my_absence my_absence contact_my please_contact can_contact please_email please_call
        reach_me reach_out_to while_i_am as_soon_as_i when_i_return upon_my_return on_my_return my_return
        return_to_the_office please_direct immediate_assistance
        срочн неотложн в_мое_отсутств на_время_моего обращайтесь обратиться_к обратитесь замеща по_возвращении отвечу
        acil yokluğumda bulunmadığım başvur ulaşabilirsiniz irtibat iletişime_geç yerime vekil dönüşümde
        шұғыл жедел хабарласыңыз хабарласа орнымда орныма менің_орн оралған жүгініңіз қайтып_кел байланыс
        dringend en_cas_d_urgence urgente vertretung
    """,
    "your_message": """
        your_mail your_email your_message your_letter your_request your_enquiry your_inquiry contacting_us
        contacting you_for_writing your_correspondence
        ваше_письмо вашего_письм ваше_сообщен вашего_сообщ ваше_обращ вашего_обращ за_обращ ваш_запрос вашего_запрос
        epostanız iletiniz mesajınız bizimle_iletişime
        хатыңыз хабарламаңыз өтінішіңіз сұрауыңыз сұранысыңыз хабарласқаныңыз
        ihre_nachricht ihre_mail ihre_anfrage votre_message su_mensaje
    """,
    "received": """
        received receipt_of got_your confirm_receipt will_get_back get_back_to respond_to_you will_be_answered
        has_been_registered has_been_accepted will_reply will_respond
        получ принят зарегистриров поступил ответим свяжемся рассмотр
        aldık alındı alınmış ulaştı ulaşmış tarafımıza dönüş kaydedil
        алдық алынды қабылданды тіркелді жауап_береміз хабарласамыз
        erhalten eingegangen =reçu recibido
    """,
    "sent": """
        you_sent you_have_sent you_wrote отправленное_вами присланное_вами вы_отправили вы_прислали
        gönderdiğiniz gönderdiginiz göndermiş_olduğunuz жіберген жолдаған
    """,
    "undelivered": """
        undeliver not_delivered not_be_delivered delivery_fail failure_notice mail_delivery delivery_status
        returned_mail returning_message message_returned non_delivery nondeliver delivery_report delivery_notification
        delivery_error delivery_problem delivery_delay delayed_mail delivery_has_failed unable_to_deliver
        wasn_t_able_to_deliver couldn_t_be_delivered could_not_be_deliver could_not_deliver cannot_be_deliver
        cannot_deliver can_t_be_deliver was_not_delivered unable_to_send not_reach did_not_reach wasn_t_delivered
        hasn_t_been_deliver not_been_delivered not_yet_been_deliver rejected_your_message message_could_not
        permanent_error fatal_error could_not_send bounced returned_to_sender mailer_daemon
        mail_system_at mail_transport delivery_incomplete delivery_attempt message_blocked failed_permanently
        couldn_t_deliver failed_recipients was_undeliverable delivery_to_the_following
        не_доставл не_было_доставл не_может_быть_доставл не_могло_быть_доставл не_удалось_доставить недоставл
        невозможно_доставить ошибка_доставк возврат_письма не_удалось_отправ сбой_доставк отчет_о_доставк
        отчёт_о_доставк состояни_доставк статус_доставк невозможность_доставк задержк_доставк не_доставлен
        teslim_edile teslimat_başarısız teslimat_hata teslimat_durum iletilemed iletilemiyor ulaştırılama
        gönderilemed teslim_edilme iletim_hata geri_döndü iade_edil_ileti teslim_rapor
        жеткізілме жеткізу_мүмкін жеткізу_қате жеткізе_алма жеткізу_сәтсіз жіберілме жеткізу_кешік
        unzustell nicht_zugestellt konnte_nicht non_distribu non_remis échec_de no_se_pudo_entreg mancato_recapito
    """,
    "challenge": """
        confirm_that_you_are verify_that_you_are to_deliver_your_message prove_you spam_protection sender_verification
        your_message_has_not_been_delivered_yet verify_your_message release_your_message whitelist tmda
        held_until confirm_your_message allowed_list allow_list approved_sender ensure_delivery
        подтвердите_что_вы_не белый_список подтвердите_отправк
        gönderen_doğrula beyaz_liste
        ақ_тізім
    """,
    "job": """
        cron backup disk_usage alert warning_threshold build_failed deployed revision changeset logwatch job_fail
        pipeline
        report_generated monitoring downtime =up =down threshold server_status commit
        резервное_копир сервер_недост мониторинг сбой_сервер задание_выполн
        yedekleme sunucu izleme uyarısı
        сервер резервтік мониторинг
    """,
    "account": """
        your_account your_password your_profile your_order your_ticket your_subscription your_invoice your_payment
        your_booking your_reservation your_package your_parcel account_has account_was password_was password_has
        вашего_аккаунт ваш_аккаунт вашем_аккаунт вашей_учетн вашу_учетн ваша_учетн ваш_парол вашего_парол ваш_заказ
        вашего_заказ ваша_заявк вашей_заявк ваш_профил ваша_подпис вашем_профил вашу_заявк
        hesabınız parolanız şifreniz siparişiniz faturanız üyeliğiniz aboneliğiniz kargonuz rezervasyonunuz talebiniz
        аккаунтыңыз тіркелгіңіз құпиясөзіңіз парольіңіз тапсырысыңыз профиліңіз жазылымыңыз өтініміңіз
        есептік_жазбаңыз
    """,
    "happened": """
        new_comment new_message new_reply new_post commented replied_to mentioned_you assigned has_been_updated
        has_been_changed was_changed has_been_created has_been_closed has_been_added was_added status_changed
        was_updated was_assigned has_been_assigned reminder_that due_date has_expired will_expire has_been_processed
        successfully
        has_been_shipped has_shipped has_been_approved has_been_rejected has_been_activated was_approved were_added
        =overdue is_overdue due_soon is_due due_back item_due items_due due_tomorrow due_today is_now_ready
        is_waiting_for_your are_waiting_for_your awaiting_your awaits_your has_been_cancelled has_been_scheduled
        has_been_completed has_been_received is_now_available are_now_available
        успешно
        новый_комментар новое_сообщ новый_ответ вам_назнач упомянул назначен_на статус_измен был_измен была_измен
        было_измен был_создан была_создан истекает истек был_одобр был_отклон новая_заявк новая_задач поступил_нов
        готов_к_выдач готова_к_выдач готов_к_получ готова_к_получ ждет_вас_в ожидает_вашего ожидает_вашей ожидают_вашего
        откликнул срок_возврат срок_сдачи подлежит_возврат =завершена =завершен
        был_отменен была_отменен был_назначен была_назначен списание_средств пополнение_счет
        стал_доступ стала_доступ стали_доступ теперь_доступ доступен_для_скач
        başarıyla
        yeni_yorum yeni_mesaj yeni_yanıt bahsetti atandı değiştirildi güncellendi değiştirildi oluşturuldu eklendi
        süresi_dol
        onaylandı reddedildi kapatıldı kargoya_ver yola_çıktı dağıtıma_çık teslim_edildi imzanızı_bekl onayınızı_bekl
        işleminizi_bekl tamamlandı iptal_edildi iade_tarih teslim_tarih süresi_bit davet_edildiniz
        erişime_açıl kullanıma_açıl yayımlandı yayınlandı beklenmektedir
        жаңа_пікір жаңа_хабар жаңа_жауап тағайындал жаңартылды өзгертілді құрылды жасалды қосылды мерзімі_өт
        мақұлданды
        қабылданбады жабылды мерзімі_аяқтал мерзімі_бітеді қайтару_мерзім сәтті_өтті сәтті_аяқтал жолға_шықты
        қолыңызды_күт келісуіңізді_күт дайын_болды тағайындалды жарияланды толтырылма бас_тартылды
        қолжетімді_бол нәтиже_дайын нәтижесі_дайын ашылды бекітілді
    """,
    "request": """
        =kindly please_send please_tell please_bring let_us_know_by let_me_know let_us_know_whether send_it_back
        send_me send_us could_you can_you would_you do_you are_needed is_needed we_need i_need needed_by
        внесите пришлите направьте вышлите донесите привезите занесите загляните скажите уточните подготовьте
        подпишите_и =сдать просим прошу просит ждем_ваш ждем_исправл ждем_от высылаем высылаю направляю направляем
        отправляю
        gönderebilir gönderir_mi gönderin bildirin bekliyoruz bekliyorum rica_ederi teslim_edin getirin hocam
        eder_misiniz edebilir_misiniz
        жіберіңіз әкеліңіз әкеліп сұраймыз сұраймын күтеміз күтемін айтып_қой отырмыз отырмын жатырмыз жазып_берің
        тапсырыңыз беріңізші
    """,
    "settings": """
        log_in sign_in click_the_link follow_the_link click_below link_below click_on_the visit_the_following
        following_link view_it view_this click_here
        перейдите_по по_ссылке нажмите войдите пройдите_по следующей_ссылк
        bağlantıya bağlantıyı tıklayın tıklayınız giriş_yap aşağıdaki_link
        сілтеме басыңыз өтіңіз сілтемеге шертіңіз
    """,
}

LEXICON = Lexicon({name: [stem.replace("_", " ") for stem in stems.split()] for name, stems in _MEANINGS.items()})
